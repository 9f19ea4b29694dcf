"""The platform's vocabulary: categories with their fields and tags, stages, skills, positions and places.

Members may use other terms too (tags are free); these are the ones offered to them and used by the simulation.
Terms are slugs; `contracts.terms.label_of` gives their words.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

STAGES = ("pre-seed", "seed", "series-a", "series-b", "growth")
"""Funding stages, earliest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryTerms:
    """What startups of one category do: fields narrow it down, tags say how and with what."""

    fields: tuple[str, ...]
    tags: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PositionTerms:
    """A position that startups offer and the skills it asks for."""

    title: str
    skills: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceTerms:
    """A place where startups gather, from large to small; `state` is empty where there is none."""

    country: str
    state: str = ""
    region: str
    city: str


CATEGORIES: Mapping[str, CategoryTerms] = MappingProxyType(
    {
        "software": CategoryTerms(
            fields=("developer-tools", "workflow-automation", "open-source-software", "low-code"),
            tags=("api", "sdk", "code-review", "observability", "integrations", "plugins"),
        ),
        "web": CategoryTerms(
            fields=("web-publishing", "online-communities", "website-builders", "browser-tools"),
            tags=("creator-economy", "newsletters", "forums", "user-generated-content", "seo", "personal-sites"),
        ),
        "fintech": CategoryTerms(
            fields=("payments", "lending", "personal-finance", "insurtech"),
            tags=("open-banking", "fraud-detection", "credit-scoring", "remittances", "invoicing", "budgeting"),
        ),
        "health": CategoryTerms(
            fields=("telemedicine", "mental-health", "elder-care", "fitness"),
            tags=("patient-records", "sleep", "nutrition", "caregivers", "clinics", "chronic-disease"),
        ),
        "biotech": CategoryTerms(
            fields=("drug-discovery", "genomics", "synthetic-biology", "lab-automation"),
            tags=("protein-design", "gene-therapy", "crispr", "microbiome", "clinical-trials", "diagnostics"),
        ),
        "education": CategoryTerms(
            fields=("online-courses", "tutoring", "school-administration", "language-learning"),
            tags=("k12", "lifelong-learning", "exam-preparation", "classroom", "coding-bootcamp", "scholarships"),
        ),
        "ecommerce": CategoryTerms(
            fields=("online-marketplaces", "direct-to-consumer", "shop-logistics", "resale"),
            tags=("handmade", "subscription-boxes", "returns", "checkout", "wholesale", "second-hand"),
        ),
        "mobile": CategoryTerms(
            fields=("mobile-apps", "location-services", "mobile-messaging", "app-analytics"),
            tags=("push-notifications", "wearables", "maps", "voice-notes", "offline-first", "widgets"),
        ),
        "enterprise": CategoryTerms(
            fields=("human-resources", "sales-enablement", "procurement", "knowledge-management"),
            tags=("crm", "hiring", "onboarding", "contracts", "expense-reports", "meeting-notes"),
        ),
        "games": CategoryTerms(
            fields=("mobile-games", "game-engines", "esports", "virtual-reality"),
            tags=("multiplayer", "indie", "streaming", "level-design", "puzzle", "role-playing"),
        ),
        "cleantech": CategoryTerms(
            fields=("solar-energy", "energy-storage", "carbon-accounting", "water-treatment"),
            tags=("batteries", "heat-pumps", "recycling", "smart-grid", "carbon-removal", "building-efficiency"),
        ),
        "hardware": CategoryTerms(
            fields=("robotics", "consumer-electronics", "sensors", "additive-manufacturing"),
            tags=("drones", "smart-home", "embedded-systems", "industrial-automation", "cameras", "audio-devices"),
        ),
        "analytics": CategoryTerms(
            fields=("business-intelligence", "machine-learning-platforms", "data-engineering", "computer-vision"),
            tags=(
                "dashboards",
                "forecasting",
                "data-quality",
                "language-models",
                "image-recognition",
                "experimentation",
            ),
        ),
        "security": CategoryTerms(
            fields=("identity-management", "network-security", "privacy-technology", "application-security"),
            tags=(
                "passwordless",
                "encryption",
                "threat-detection",
                "compliance",
                "penetration-testing",
                "anonymisation",
            ),
        ),
        "food": CategoryTerms(
            fields=("food-delivery", "agritech", "alternative-protein", "restaurant-technology"),
            tags=("vertical-farming", "meal-kits", "fermentation", "precision-agriculture", "food-waste", "kitchens"),
        ),
        "travel": CategoryTerms(
            fields=("trip-planning", "accommodation", "urban-mobility", "business-travel"),
            tags=("e-bikes", "car-sharing", "train-travel", "local-guides", "digital-nomads", "campervans"),
        ),
        "media": CategoryTerms(
            fields=("music-technology", "podcasting", "video-production", "news-technology"),
            tags=("audio-editing", "royalties", "live-events", "fact-checking", "animation", "fan-clubs"),
        ),
        "real-estate": CategoryTerms(
            fields=("property-management", "construction-technology", "home-buying", "coworking"),
            tags=(
                "tenants",
                "floor-plans",
                "mortgages",
                "building-materials",
                "facility-management",
                "student-housing",
            ),
        ),
    }
)

COMMON_TAGS = (
    *("b2b", "b2c", "open-source", "artificial-intelligence", "remote-first", "subscription"),
    *("social-impact", "marketplace-model", "hardware-enabled", "bootstrapped", "research-spinoff", "women-founded"),
)
"""Tags that startups of every category carry."""

SKILLS = (
    *("python", "javascript", "react", "java", "go", "swift", "sql", "machine-learning"),
    *("data-analysis", "devops", "embedded-c", "product-management", "ux-design", "graphic-design"),
    *("marketing", "sales", "finance", "copywriting"),
)

POSITIONS = (
    PositionTerms(title="Backend engineer", skills=("python", "go", "java", "sql", "devops")),
    PositionTerms(title="Frontend engineer", skills=("javascript", "react", "ux-design")),
    PositionTerms(title="Mobile developer", skills=("swift", "java", "javascript", "ux-design")),
    PositionTerms(title="Machine learning engineer", skills=("python", "machine-learning", "sql", "data-analysis")),
    PositionTerms(title="Data analyst", skills=("sql", "data-analysis", "python", "finance")),
    PositionTerms(title="Firmware engineer", skills=("embedded-c", "python", "devops")),
    PositionTerms(title="Product manager", skills=("product-management", "ux-design", "data-analysis")),
    PositionTerms(title="Product designer", skills=("ux-design", "graphic-design", "product-management")),
    PositionTerms(title="Growth marketer", skills=("marketing", "copywriting", "data-analysis", "graphic-design")),
    PositionTerms(title="Sales lead", skills=("sales", "marketing", "finance")),
)

PLACES = (
    PlaceTerms(country="USA", state="CA", region="SF Bay", city="San Francisco"),
    PlaceTerms(country="USA", state="NY", region="New York", city="New York"),
    PlaceTerms(country="USA", state="MA", region="Boston", city="Boston"),
    PlaceTerms(country="USA", state="TX", region="Austin", city="Austin"),
    PlaceTerms(country="GBR", region="London", city="London"),
    PlaceTerms(country="DEU", region="Berlin", city="Berlin"),
    PlaceTerms(country="DEU", region="Bavaria", city="Munich"),
    PlaceTerms(country="FRA", region="Ile-de-France", city="Paris"),
    PlaceTerms(country="ISR", region="Tel Aviv", city="Tel Aviv"),
    PlaceTerms(country="IND", region="Karnataka", city="Bangalore"),
    PlaceTerms(country="SWE", region="Stockholm", city="Stockholm"),
    PlaceTerms(country="EST", region="Harju", city="Tallinn"),
)
