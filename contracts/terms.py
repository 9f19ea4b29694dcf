"""How the platform's terms are spelled for people; a category, field, tag, stage or skill is stored as a slug."""

from __future__ import annotations

from types import MappingProxyType

_LABELS = MappingProxyType(
    {
        "ecommerce": "e-commerce",
        "ai-robotics": "AI & robotics",
        "b2b": "B2B",
        "b2c": "B2C",
        "api": "API",
        "sdk": "SDK",
        "seo": "SEO",
        "crm": "CRM",
        "crispr": "CRISPR",
        "k12": "K-12",
        "a-b-testing": "A/B testing",
        "sql": "SQL",
        "ux-design": "UX design",
        "embedded-c": "embedded C",
        "python": "Python",
        "javascript": "JavaScript",
        "react": "React",
        "java": "Java",
        "go": "Go",
        "swift": "Swift",
        "devops": "DevOps",
        "esports": "e-sports",
        "e-bikes": "e-bikes",
        "pre-seed": "pre-seed",
        "second-hand": "second-hand",
        "low-code": "low-code",
        "series-a": "series A",
        "series-b": "series B",
    }
)
_SPELLED = MappingProxyType({"ai": "AI", "ar": "AR", "ml": "ML", "saas": "SaaS", "ui": "UI", "ux": "UX", "vr": "VR"})


def label_of(term: str) -> str:
    """A term in words: `drug-discovery` as `drug discovery`, `games_video` as `games video`."""
    known = _LABELS.get(term)
    if known is not None:
        return known
    words = term.replace("-", " ").replace("_", " ").split()
    return " ".join(_SPELLED.get(word, word) for word in words)
