"""Rules of a contract as Python: the other side of `bench.py`. The expressions are translated once, so that each document runs compiled code alone."""

import datetime
import re

import yaml

TOKEN = re.compile(
    r"\s*(?:(?P<number>\d+(?:\.\d+)?)|(?P<string>'(?:[^'\\]|\\.)*')|(?P<name>[A-Za-z_]\w*)|(?P<mark>&&|\|\||[=!<>]=|[-+*/!<>?:.,()\[\]]))"
)
# Where the instances of a schema are in a run, which is `v`; each as a loop over `o`.
SITES = {
    "run.schema.json": "[v]",
    "RunTiming": "[v['timing']]",
    "RunSource": "[v['source']]",
    "RunArtifact": "v.get('files') or ()",
    "RunExecutionRetry": "[v['execution'].get('retry')]",
    # A review is either whole or a summary.
    "RunReview": "[review for review in [v['execution'].get('review')] if review and 'corrections' in review]",
    "RunReviewSummary": "[review for review in [v['execution'].get('review')] if review and 'correctionCount' in review]",
    "RunReviewCorrection": "(v['execution'].get('review') or {}).get('corrections') or ()",
    "RunUsage": "[v.get('usage')]",
    "RunUsageTokens": "[(v.get('usage') or {}).get('tokens')]",
}


def instant(text):
    """The instant of a text, or None."""
    try:
        return datetime.datetime.fromisoformat(text) if isinstance(text, str) and "T" in text else None
    except ValueError:
        return None


def milliseconds(duration):
    return duration.total_seconds() * 1000


def is_whole(number):
    return number == int(number)


class Translator:
    """One expression, translated by precedence."""

    def __init__(self, text):
        self.tokens = []
        at = 0
        while at < len(text.rstrip()):
            found = TOKEN.match(text, at)
            if found is None:
                raise ValueError(f"unknown token in {text[at:]!r}")
            self.tokens.append((found.lastgroup, found.group(found.lastgroup)))
            at = found.end()
        self.at = 0

    def peek(self):
        return self.tokens[self.at][1] if self.at < len(self.tokens) else None

    def take(self, wanted=None):
        kind, text = self.tokens[self.at]
        if wanted is not None and text != wanted:
            raise ValueError(f"{text} instead of {wanted}")
        self.at += 1
        return kind, text

    def whole(self):
        translated = self.ternary()
        if self.peek() is not None:
            raise ValueError(f"{self.peek()} follows an expression")
        return translated

    def ternary(self):
        condition = self.chain(0)
        if self.peek() != "?":
            return condition
        self.take()
        then = self.ternary()
        self.take(":")
        return f"({then} if {condition} else {self.ternary()})"

    LEVELS = [{"||": "or"}, {"&&": "and"}, {operator: operator for operator in ["==", "!=", "<=", ">=", "<", ">", "in"]}, {"-": "-", "+": "+"}]

    def chain(self, level):
        if level == len(self.LEVELS):
            return self.unary()
        left = self.chain(level + 1)
        while self.peek() in self.LEVELS[level]:
            operator = self.take()[1]
            right = self.chain(level + 1)
            if operator == "-" and left.startswith("o["):
                left, right = f"instant({left})", f"instant({right})"
            left = f"({left} {self.LEVELS[level][operator]} {right})"
        return left

    def unary(self):
        if self.peek() == "!":
            self.take()
            return f"(not {self.unary()})"
        return self.postfix(self.primary())

    def postfix(self, of):
        while self.peek() in (".", "["):
            if self.take()[1] == "[":
                of = f"{of}[{self.ternary()}]"
                self.take("]")
                continue
            name = self.take()[1]
            if self.peek() != "(":
                of = f"{of}['{name}']"
                continue
            self.take()
            if name in ("exists", "all"):
                variable = self.take()[1]
                self.take(",")
                of = f"{'any' if name == 'exists' else 'all'}({self.ternary()} for {variable} in {of})"
            elif name == "matches":
                of = f"(re.search({self.ternary()}, {of}) is not None)"
            else:
                raise ValueError(f"unknown function {name}")
            self.take(")")
        return of

    def primary(self):
        kind, text = self.take()
        if text == "(":
            inside = self.ternary()
            self.take(")")
            return f"({inside})"
        if text == "[":
            items = []
            while self.peek() != "]":
                items.append(self.ternary())
                if self.peek() == ",":
                    self.take()
            self.take("]")
            return f"({', '.join(items)},)"
        if kind in ("number", "string"):
            return text
        if text in ("null", "true", "false"):
            return {"null": "None", "true": "True", "false": "False"}[text]
        if self.peek() != "(":
            return "o" if text == "self" else text
        self.take()
        of = self.ternary()
        self.take(")")
        if text == "has":
            parent, key = re.fullmatch(r"(.*)\['(\w+)'\]", of).groups()
            return f"('{key}' in {parent})"
        if text == "duration":
            seconds = re.fullmatch(r"'(\d+)s'", of).group(1)
            return f"datetime.timedelta(seconds={seconds})"
        functions = {"size": "len", "isWhole": "is_whole", "milliseconds": "milliseconds"}
        return f"(instant({of}) is not None)" if text == "isInstant" else f"{functions[text]}({of})"


def compile_rules(path):
    """A function that says whether a run keeps the rules about a run alone, and the number of these rules."""
    by_site, count = {}, 0
    for rule in yaml.safe_load(path.read_text())["invariants"]:
        parts = [rule[key] for key in ("when", "rule") if key in rule]
        # A reader of YAML 1.1 takes the key `on` for a boolean.
        on = rule.get("on", rule.get(True))
        site = on.rsplit("/", 1)[-1] if isinstance(on, str) else None
        if site not in SITES or any(word in part for part in parts for word in ("oldSelf", "request.", "response.")):
            continue
        translated = [Translator(part).whole() for part in parts]
        condition = f"not ({translated[-1]})" if len(parts) == 1 else f"({translated[0]}) and not ({translated[1]})"
        by_site.setdefault(site, []).append(condition)
        count += 1
    lines = ["def keeps(v):"]
    for site, conditions in by_site.items():
        lines += [f"  for o in {SITES[site]}:", "    if o is None: continue"]
        lines += [f"    if {condition}: return False" for condition in conditions]
    lines.append("  return True")
    names = {"re": re, "datetime": datetime, "instant": instant, "milliseconds": milliseconds, "is_whole": is_whole}
    exec("\n".join(lines), names)
    return names["keeps"], count
