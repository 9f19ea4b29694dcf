"""How a person works a page: with a pointer, or with the keyboard alone."""

from __future__ import annotations

from typing import Protocol

from playwright.sync_api import Locator

MOST_TABS = 250
_OUTLINED = """control => [control, control.closest('label'), control.nextElementSibling]
    .some(part => part && getComputedStyle(part).outlineStyle !== 'none')"""
"""The focus is drawn around the control, around its label, or around what stands for it."""


class Hands(Protocol):
    """What people do to controls."""

    def press(self, control: Locator) -> None:
        """A button or a link."""

    def write(self, field: Locator, words: str) -> None:
        """Into a text field."""

    def choose(self, option: Locator) -> None:
        """A checkbox or a radio button."""


class Pointer:
    """A mouse or a finger."""

    def press(self, control: Locator) -> None:
        """Click."""
        control.click()

    def write(self, field: Locator, words: str) -> None:
        """Click, and type in one go."""
        field.fill(words)

    def choose(self, option: Locator) -> None:
        """Click the words beside the control, as people do."""
        option.locator("xpath=ancestor::label").click()


class Keyboard:
    """Tab, Enter, Space, arrows and letters, nothing else."""

    def press(self, control: Locator) -> None:
        """Tab to it and press Enter."""
        self._tab_to(control)
        control.page.keyboard.press("Enter")

    def write(self, field: Locator, words: str) -> None:
        """Tab to it and type."""
        self._tab_to(field)
        field.page.keyboard.type(words)

    def choose(self, option: Locator) -> None:
        """Tab to a checkbox and press Space; walk through radio buttons with the arrows."""
        if option.get_attribute("type") == "radio":
            self._walk_to(option)
        else:
            self._tab_to(option)
            option.page.keyboard.press("Space")

    def _tab_to(self, control: Locator) -> None:
        """The focus must come by, and be seen when it is there."""
        for _ in range(MOST_TABS):
            if control.evaluate("control => control === document.activeElement"):
                assert control.evaluate(_OUTLINED), f"nobody sees where the focus is: {control}"
                return
            control.page.keyboard.press("Tab")
        raise AssertionError(f"the keyboard does not come to {control}")

    def _walk_to(self, option: Locator) -> None:
        name = option.get_attribute("name")
        group = option.page.locator(f"input[type=radio][name={name}]")
        for _ in range(MOST_TABS):
            if group.evaluate_all("options => options.includes(document.activeElement)"):
                break
            option.page.keyboard.press("Tab")
        for _ in range(group.count()):
            if option.is_checked():
                return
            option.page.keyboard.press("ArrowDown")
        assert option.is_checked(), f"the arrows do not come to {option}"
