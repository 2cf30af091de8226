"""The generated types of a crate, read from its files, and values of them as Rust expressions that a program would write."""

import json
import re

NUMBERS = {"i8", "u8", "i16", "u16", "i32", "u32", "i64", "u64"}


class NotWritten(Exception):
    """A value that has no expression of a type. The text says why."""


def split(text):
    """The parts of a list of generic arguments or of members, at commas outside of brackets."""
    parts, depth, start = [], 0, 0
    for index, letter in enumerate(text):
        depth += (letter in "<([") - (letter in ">)]")
        if letter == "," and depth == 0:
            parts.append(text[start:index])
            start = index + 1
    return [part.strip() for part in [*parts, text[start:]] if part.strip()]


def generic(type_):
    """The path of a type and its arguments: `Vec<String>` is `Vec` and `String`."""
    type_ = " ".join(type_.split())
    match = re.fullmatch(r"([\w:]+)\s*<(.*)>", type_)
    return (match[1].split("::")[-1], split(match[2])) if match else (type_.split("::")[-1], [])


def text(value):
    """A string literal."""
    special = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
    letter = lambda letter: special.get(letter) or (letter if letter.isprintable() else f"\\u{{{ord(letter):x}}}")
    return '"' + "".join(map(letter, value)) + '"'


def macro_calls(source, name):
    """The arguments of the calls of a macro of the runtime."""
    for match in re.finditer(r"support::" + name + r"!\s*([({])", source):
        start, depth, index, quoted = match.end(), 1, match.end(), False
        while depth:
            letter = source[index]
            if quoted and letter == "\\":
                index += 1
            elif letter == '"':
                quoted = not quoted
            elif not quoted:
                depth += (letter in "({") - (letter in ")}")
            index += 1
        yield source[start : index - 1]


class Types:
    def __init__(self, folder):
        self.objects, self.enumerations, self.values, self.constrained = {}, {}, {}, {}
        self.unions, self.aliases = {}, {}
        for file in sorted(folder.rglob("*.rs")):
            if file.name.endswith("_schema.rs") or file.name in ("client.rs", "server.rs", "documents.rs"):
                continue
            self.read(file.read_text())

    def read(self, source):
        member = re.compile(r'(\w+): (\w+) (.+?) = ("(?:[^"\\]|\\.)*"),', re.S)
        for call in macro_calls(source, "object"):
            name, _, rest = call.strip().partition("{")
            body, _, after = rest.partition("\n    }") if "\n    }" in rest else rest.partition("}")
            members = {json.loads(key): (field, presence, type_) for field, presence, type_, key in member.findall(body)}
            others = re.search(r"others \{ (\w+): (.+?) \}", after, re.S)
            self.objects[name.strip()] = {
                "members": members,
                "others": others and (others[1], others[2]),
                "matching": "matching {" in after,
                "builder": "builder " in after,
            }
        for call in macro_calls(source, "enumeration"):
            name = call.strip().split(":")[0].strip()
            variants = re.findall(r'^\s*(\w+) = ("(?:[^"\\]|\\.)*"),', call, re.M)
            others = re.search(r"\b(others|rest) \w+", call[call.rindex("}") :])
            self.enumerations[name] = ({rust_text(value): variant for variant, value in variants}, bool(others))
        for call in macro_calls(source, "values"):
            name = call.strip().split(":")[0].strip()
            variants = re.findall(r'^\s*(\w+) = ("(?:[^"\\]|\\.)*"),', call, re.M)
            self.values[name] = [(json.loads(rust_text(value)), variant) for variant, value in variants]
        for call in macro_calls(source, "constrained"):
            match = re.match(r"\s*(\w+)\s*\((.*)\)\s+as\s+(\w+)", call, re.S)
            self.constrained[match[1]] = (match[2], match[3])
        for match in re.finditer(r"^pub enum (\w+) \{\n(.*?)^\}", source, re.M | re.S):
            variants = re.findall(r"^    (\w+)\((.*?)\),$", match[2], re.M | re.S)
            if variants and match[1] not in self.enumerations:
                self.unions[match[1]] = variants
        for match in re.finditer(r"^pub type (\w+) = (.*?);", source, re.M | re.S):
            self.aliases[match[1]] = match[2]

    def fits(self, type_, value):
        """Whether the type probably accepts a value: types and keys are compared, not bounds."""
        name, inner = generic(type_)
        if name in self.aliases and not inner:
            return self.fits(self.aliases[name], value)
        if name in ("Nullable", "Field", "Option"):
            return value is None or self.fits(inner[0], value)
        if name == "Box":
            return self.fits(inner[0], value)
        if name == "Vec":
            return isinstance(value, list) and all(self.fits(inner[0], item) for item in value)
        if name in ("Map", "BTreeMap", "HashMap"):
            return isinstance(value, dict) and all(self.fits(inner[-1], item) for item in value.values())
        if name in ("String", "Written"):
            return isinstance(value, str)
        if name == "bool":
            return isinstance(value, bool)
        if name in NUMBERS or name == "Integer":
            return isinstance(value, (int, float)) and not isinstance(value, bool) and value == int(value)
        if name in ("f64", "Number"):
            return isinstance(value, (int, float)) and not isinstance(value, bool)
        if name in self.objects:
            known = self.objects[name]
            if not isinstance(value, dict):
                return False
            members = known["members"]
            needed = [key for key, (_, presence, _) in members.items() if presence in ("required", "tag", "list", "nullable")]
            others = known["others"] or known["matching"]
            accepts = lambda key, item: self.fits(members[key][2], item) if key in members else others
            return all(key in value for key in needed) and all(accepts(*entry) for entry in value.items())
        if name in self.enumerations:
            known, others = self.enumerations[name]
            return isinstance(value, str) and (others or value in known)
        if name in self.values:
            return any(same(known, value) for known, _ in self.values[name])
        if name in self.constrained:
            return self.fits(self.constrained[name][0], value)
        if name in self.unions:
            return any(self.fits(branch, value) for _, branch in self.unions[name])
        return name == "Value"

    def value(self, type_, value):
        """An expression of exactly the type."""
        name, inner = generic(type_)
        if name in self.aliases and not inner:
            return self.value(self.aliases[name], value)
        if name in ("Nullable", "Field"):
            path = f"support::{name}"
            return f"{path}::Null" if value is None else f"{path}::Value({self.value(inner[0], value)})"
        if name == "Option":
            return f"Some({self.value(inner[0], value)})"
        if name == "Box":
            return f"Box::new({self.value(inner[0], value)})"
        if not self.fits(type_, value):
            raise NotWritten(f"no value of `{name}`")
        if name == "Vec":
            items = ", ".join(self.value(inner[0], item) for item in value)
            return f"vec![{items}]" if value else f"Vec::<{inner[0]}>::new()"
        if name in ("Map", "BTreeMap", "HashMap"):
            entries = ", ".join(f"({text(key)}.to_owned(), {self.value(inner[-1], item)})" for key, item in value.items())
            return f"<{type_}>::from_iter([{entries}])"
        if name == "String":
            return f"{text(value)}.to_owned()"
        if name == "Written":
            return f"<{type_}>::from({text(value)})"
        if name == "bool":
            return json.dumps(value)
        if name in NUMBERS:
            return f"{int(value)}_{name}"
        if name == "Integer":
            return f"support::Integer::from({int(value)}_i64)"
        if name == "f64":
            return f"{float(value)!r}_f64"
        if name == "Number":
            return f"support::Number::from({value}_i64)" if isinstance(value, int) else f"support::Number::try_from({value!r}_f64)?"
        if name in self.objects:
            return self.object(name, name, value)
        if name in self.enumerations:
            variant = self.enumerations[name][0].get(value)
            return f"{name}::{variant}" if variant else f"{name}::try_from({text(value)})?"
        if name in self.values:
            return f"{name}::{next(variant for known, variant in self.values[name] if same(known, value))}"
        if name in self.constrained:
            of, kind = self.constrained[name]
            if generic(of)[0] == "Box":
                of = generic(of)[1][0]
            if kind in ("text", "written"):
                return f"{name}::try_from({text(value)})?"
            if kind == "integer":
                return f"{name}::try_from({int(value)}_i64)?"
            of_object = generic(of)[0]
            if of_object in self.objects and self.objects[of_object]["builder"]:
                return self.object(name, of_object, value)
            return f"{name}::new({self.value(of, value)})?"
        if name in self.unions:
            variant, branch = next((variant, branch) for variant, branch in self.unions[name] if self.fits(branch, value))
            return f"{name}::{variant}({self.value(branch, value)})"
        return f"support::from_str::<support::Value>({text(json.dumps(value))})?"

    def input(self, type_, value):
        """An argument of a builder for a property of the type: texts and numbers as they are."""
        name, inner = generic(type_)
        if name in self.aliases and not inner:
            return self.input(self.aliases[name], value)
        if not self.fits(type_, value):
            raise NotWritten(f"no value of `{name}`")
        kind = self.constrained.get(name, ("", name))[1]
        if isinstance(value, str) and (kind in ("String", "Written", "text", "written") or name in self.enumerations):
            return text(value)
        if isinstance(value, int) and not isinstance(value, bool) and kind in ("Integer", "Number", "integer", "exact", "decimal", "i64"):
            return str(value) if abs(value) < 2**31 else f"{value}_i64"
        if isinstance(value, float) and kind in ("Number", "decimal"):
            return repr(value)
        return self.value(type_, value)

    def object(self, name, of, value):
        """The construction of an object by its builder. `name` is its type, or one that checks it."""
        known = self.objects[of]
        if not known["builder"]:
            return f"{name}::new()"
        calls, others = [], []
        for key, item in value.items():
            if key not in known["members"]:
                others.append((key, item))
                continue
            field, presence, type_ = known["members"][key]
            if presence == "tag":
                continue
            if presence in ("list", "optional_list"):
                of_item = generic(type_)[1][0]
                items = [self.input(of_item, each) for each in item]
                if len({each[:1] in '"-0123456789' for each in items}) > 1:
                    items = [self.value(of_item, each) for each in item]
                argument = f"[{', '.join(items)}]" if items else f"Vec::<{of_item}>::new()"
            elif presence in ("field", "nullable") and item is None:
                argument = "support::Nullable::Null"
            elif presence in ("field", "nullable"):
                argument = self.input(generic(type_)[1][0], item)
            else:
                argument = self.input(type_, item)
            calls.append(f".{field}({argument})")
        if others:
            if not known["others"]:
                raise NotWritten("keys by a pattern")
            field, type_ = known["others"]
            of_value = generic(type_)[1][-1]
            entries = ", ".join(f"({text(key)}.to_owned(), {self.value(of_value, item)})" for key, item in others)
            calls.append(f".{field}([{entries}])")
        return f"{name}::builder(){''.join(calls)}.build()?"


def rust_text(literal):
    """The value of a string literal of Rust."""
    return json.loads(re.sub(r"\\u\{([0-9a-f]+)\}", lambda match: json.dumps(chr(int(match[1], 16)))[1:-1], literal).replace("\\'", "'"))


def same(one, other):
    return one == other and isinstance(one, bool) == isinstance(other, bool)
