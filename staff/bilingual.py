"""Texts in Chinese and, beside it, in English: which one a reader gets, and how both are said at once."""

from __future__ import annotations

from collections.abc import Callable

from django.utils.translation import get_language, override


def as_read(text: str, text_en: str) -> str:
    """A text in the reader's language; the Chinese one where there is no other."""
    return text_en if text_en and (get_language() or "").startswith("en") else text


def in_both_languages(said: Callable[[], str]) -> tuple[str, str]:
    """What is said in Chinese and in English, whoever asks: for what is kept, and read by others."""
    with override("zh-hans"):
        chinese = said()
    with override("en"):
        return chinese, said()
