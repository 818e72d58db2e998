"""Writes and reads lists of field names as Salesforce packs them into headers of Avro events.

An element 0x… has a bit for each top-level field, counted from the right; N-0x… has one for each part of the compound
field number N. Whole bytes, capital letters (as recorded). Where only parts changed there is no first element.
"""

from collections.abc import Iterable, Sequence

from demo_org.events.schema import Schema


def pack(names: Iterable[str], schema: Schema) -> list[str]:
    """Fields (Name) and parts of fields (Name.FirstName) as bitmaps; what the schema lacks is left out."""
    top, nested = 0, dict[int, int]()
    numbers = {name: number for number, name in enumerate(schema.fields)}
    for each in names:
        whole, _, part = each.partition(".")
        number = numbers.get(whole)
        if number is None:
            continue
        if not part:
            top |= 1 << number
        elif part in schema.parts.get(whole, ()):
            nested[number] = nested.get(number, 0) | 1 << schema.parts[whole].index(part)
    packed = [_hexadecimal(top)] if top else []
    return packed + [f"{number}-{_hexadecimal(bits)}" for number, bits in sorted(nested.items())]


def unpack(bitmaps: Iterable[str], schema: Schema) -> list[str]:
    """The names behind bitmaps, in the schema's order; each element stands for itself."""
    names: list[str] = []
    for each in bitmaps:
        number, dash, bits = each.partition("-")
        if dash:
            whole = schema.fields[int(number)]
            names += [f"{whole}.{part}" for part in _set_bits(bits, schema.parts[whole])]
        else:
            names += _set_bits(each, schema.fields)
    return names


def _hexadecimal(bits: int) -> str:
    return "0x" + bits.to_bytes((bits.bit_length() + 7) // 8, "big").hex().upper()


def _set_bits(text: str, names: Sequence[str]) -> list[str]:
    bits = int(text, 16)
    return [name for number, name in enumerate(names) if bits >> number & 1]
