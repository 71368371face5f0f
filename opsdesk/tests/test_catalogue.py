"""Chinese is complete, and the compiled catalogue is the one that is written."""

import re

from opsdesk.catalogue import MO, compiled, gather, stored


def texts(value: str | tuple[str, ...]) -> list[str]:
    return [value] if isinstance(value, str) else list(value)


def test_every_message_has_chinese_and_none_is_fuzzy() -> None:
    chinese = stored()
    missing = []
    for message in gather():
        if not message.id:
            continue
        known = chinese.get(texts(message.id)[0], context=message.context)
        if known is None or not all(texts(known.string)) or known.fuzzy:
            missing.append(message.id)
    assert not missing, f"{len(missing)} messages without Chinese: run manage.py catalogue"


def test_no_message_is_left_over() -> None:
    used = gather()
    assert not [m.id for m in stored() if m.id and used.get(texts(m.id)[0], context=m.context) is None]


def test_placeholders_survive_translation() -> None:
    placeholder = re.compile(r"%\(\w+\)[sd]|%[sd%]|\{\w*\}")
    for message in stored():
        if message.id:
            wanted = set(placeholder.findall(texts(message.id)[-1]))
            assert wanted == set(placeholder.findall(texts(message.string)[-1])), message.id


def test_the_compiled_catalogue_is_in_step() -> None:
    assert MO.read_bytes() == compiled(stored()), "run manage.py catalogue"


def test_chinese_has_the_marks_of_chinese() -> None:
    beside = re.compile(r"[\u4e00-\u9fff][,;:?!(]|(?<!%)[,;:(][\u4e00-\u9fff]|[\u4e00-\u9fff]\)")
    found = [text for message in stored() if message.id for text in texts(message.string)]
    assert not [text for text in found if beside.search(text)]
