//! Calls: the known functions, the types of their arguments and results.

use crate::facts::Facts;
use crate::infer::{Infer, Seen, kind_of, plain};
use charter_contract::invariant::{Alternative, Items, List, Type};
use charter_contract::invariant::{Literal, Node};
use charter_contract::nearest;

/// Functions with a receiver.
const METHODS: [&str; 20] = [
    "size",
    "contains",
    "startsWith",
    "endsWith",
    "matches",
    "sum",
    "min",
    "max",
    "distinct",
    "isSorted",
    "getFullYear",
    "getMonth",
    "getDate",
    "getDayOfMonth",
    "getDayOfYear",
    "getDayOfWeek",
    "getHours",
    "getMinutes",
    "getSeconds",
    "getMilliseconds",
];
/// Functions without a receiver.
const FUNCTIONS: [&str; 20] = [
    "size",
    "matches",
    "sum",
    "min",
    "max",
    "distinct",
    "isSorted",
    "int",
    "uint",
    "double",
    "string",
    "bytes",
    "type",
    "timestamp",
    "duration",
    "dyn",
    "isAscending",
    "isInstant",
    "isWhole",
    "milliseconds",
];

/// Checks a call.
pub(crate) fn call(infer: &mut Infer<'_, '_>, node: &Node, function: &str, of: Option<&Node>, arguments: &[Node], facts: &Facts) -> Seen {
    let known: &[&str] = if of.is_some() { &METHODS } else { &FUNCTIONS };
    if !known.contains(&function) {
        let other: &[&str] = if of.is_some() { &FUNCTIONS } else { &METHODS };
        let remedy = match other.contains(&function) {
            true if of.is_some() => Some(format!("write {function}(…)")),
            true => Some(format!("write ….{function}(…)")),
            false => nearest(function, known.iter().chain(other).copied().chain(["all", "exists", "exists_one", "filter", "map", "has"])),
        };
        let type_ = infer.report(node, format!("unknown function `{function}`"), remedy);
        return plain(type_, facts);
    }
    let operands: Vec<&Node> = of.into_iter().chain(arguments).collect();
    let seen: Vec<Seen> = operands.iter().map(|operand| infer.node(operand, facts)).collect();
    if seen.iter().any(|seen| seen.type_.reported) {
        return plain(Type::reported(), facts);
    }
    let wanted = match function {
        "contains" | "startsWith" | "endsWith" | "matches" => 2..=2,
        _ if function.starts_with("get") => 1..=2,
        _ => 1..=1,
    };
    if !wanted.contains(&operands.len()) {
        let count = operands.len() - usize::from(of.is_some());
        let type_ = infer.report(node, format!("`{function}` does not take {count} arguments"), None);
        return plain(type_, facts);
    }
    Call { infer, node, operands: &operands, seen: &seen, facts }.check(function)
}

struct Call<'a, 't, 'c> {
    infer: &'a mut Infer<'t, 'c>,
    node: &'a Node,
    operands: &'a [&'a Node],
    seen: &'a [Seen],
    facts: &'a Facts,
}

impl Call<'_, '_, '_> {
    fn check(mut self, function: &str) -> Seen {
        let type_ = match function {
            "size" => self.size(),
            "contains" | "startsWith" | "endsWith" => {
                let fits = self.text(0) & self.text(1);
                self.result(fits, Alternative::Bool(None))
            }
            "matches" => self.matches(),
            "int" | "uint" | "double" | "string" => self.convert(function),
            "timestamp" | "duration" => self.instant_or_duration(function),
            "dyn" => Type::any(),
            "type" => Type::of(Alternative::Kind),
            "bytes" => {
                let fits = self.text(0);
                self.result(fits, Alternative::Bytes)
            }
            "sum" | "min" | "max" | "distinct" | "isSorted" => self.of_list(function),
            "isInstant" => return self.instant_test(),
            "isAscending" => self.ascending(),
            "isWhole" => {
                let fits = self.operand(0, |alternative| *alternative == Alternative::Double, "a double");
                self.result(fits, Alternative::Bool(None))
            }
            "milliseconds" => {
                let fits = self.operand(0, |alternative| *alternative == Alternative::Duration, "a duration");
                self.result(fits, Alternative::Double)
            }
            _ => self.part(function),
        };
        plain(type_, self.facts)
    }

    /// Whether the type of an operand fits; reports it otherwise.
    fn operand(&mut self, index: usize, fits: impl Fn(&Alternative) -> bool, wanted: &str) -> bool {
        !self.infer.require(self.operands[index], &self.seen[index], fits, wanted).reported
    }

    fn text(&mut self, index: usize) -> bool {
        self.operand(index, |alternative| matches!(alternative, Alternative::String(_)), "text")
    }

    fn result(&self, fits: bool, alternative: Alternative) -> Type {
        if fits { Type::of(alternative) } else { Type::reported() }
    }

    fn size(&mut self) -> Type {
        let fits = |alternative: &Alternative| {
            matches!(
                alternative,
                Alternative::String(_)
                    | Alternative::Bytes
                    | Alternative::List(_)
                    | Alternative::Object(_)
                    | Alternative::Map(_)
                    | Alternative::Record(_)
            )
        };
        let fits = self.operand(0, fits, "a list");
        self.result(fits, Alternative::Int)
    }

    /// `isAscending(list)` of values that are bound as timestamps.
    fn ascending(&mut self) -> Type {
        let typer = self.infer.typer;
        let instants = |list: &List| typer.item(list).has(|item| *item == Alternative::Timestamp);
        if self.seen[0].type_.all(|alternative| matches!(alternative, Alternative::List(list) if instants(list))) {
            return Type::bool();
        }
        let remedy = "map(x, …) the items to values whose schema is named under `bind`, as: date-time";
        self.infer.report(self.operands[0], "a list of instants is expected".to_owned(), Some(remedy.to_owned()))
    }

    /// `sum`, `min`, `max`, `distinct` and `isSorted` of a list.
    fn of_list(&mut self, function: &str) -> Type {
        if !self.operand(0, |alternative| matches!(alternative, Alternative::List(_)), "a list") {
            return Type::reported();
        }
        let list = self.operands[0];
        self.infer.reckon_scan(self.node, &self.seen[0].type_);
        let lists = self.seen[0].type_.alternatives.iter().filter_map(|alternative| match alternative {
            Alternative::List(list) => Some(list.clone()),
            _ => None,
        });
        let lists: Vec<List> = lists.collect();
        let items = lists.iter().fold(Type::default(), |type_, list| type_.or(self.infer.typer.item(list)));
        let min = lists.iter().map(|list| list.min).min().unwrap_or(0);
        let max = lists.iter().map(|list| list.max).collect::<Option<Vec<u64>>>().and_then(|all| all.into_iter().max());
        if function == "distinct" {
            return Type::of(Alternative::List(List { items: Items::Type(Box::new(items)), min: min.min(1), max }));
        }
        let summed = |alternative: &Alternative| {
            matches!(alternative, Alternative::Int | Alternative::Uint | Alternative::Double | Alternative::Duration)
        };
        let fits = match (function, items.alternatives.as_slice()) {
            ("sum", [one]) => summed(one),
            (_, [one]) => kind_of(one).is_some(),
            // No item: the list literal `[]`.
            (_, []) => true,
            _ => false,
        };
        if !fits {
            let wanted = if function == "sum" { "numbers of one kind, or durations" } else { "values of one kind that have an order" };
            let remedy = match (items.may_be_null(), items.has(|alternative| *alternative == Alternative::Any)) {
                (true, _) => Some(format!("leave null out: {list}.filter(x, x != null)")),
                (_, true) => Some("declare the type of the items in the schema".to_owned()),
                _ => items
                    .has(|alternative| *alternative == Alternative::Timestamp)
                    .then(|| format!("select the instants: {list}.filter(x, isInstant(x))")),
            };
            return self.infer.report(list, format!("`{function}` takes {wanted}, and the items are {}", items.words()), remedy);
        }
        if items.is_date_time_text && items.has(|alternative| matches!(alternative, Alternative::String(_))) && function != "sum" {
            return self.infer.order_of_date_time_text(list);
        }
        match function {
            "isSorted" => Type::bool(),
            "sum" => {
                self.infer.may_fail(self.node, "it may overflow");
                if items.is_never() { Type::of(Alternative::Int) } else { items }
            }
            _ => {
                let known = self.seen[0].path.as_ref().and_then(|path| self.facts.lengths.get(path)).copied().unwrap_or(0);
                if min.max(known) == 0 && !self.facts.impossible {
                    let remedy = Some(format!("guard it with size({list}) > 0"));
                    return self.infer.report(list, format!("`{list}` may be empty, and `{function}` needs an item"), remedy);
                }
                items
            }
        }
    }

    fn matches(&mut self) -> Type {
        let fits = self.text(0);
        let Some(Literal::String(pattern)) = self.operands[1].literal() else {
            return self.infer.report(
                self.operands[1],
                "the pattern must be a string literal, so that it can be checked".to_owned(),
                Some("write the pattern between quotes".to_owned()),
            );
        };
        if let Err(error) = regex::Regex::new(&pattern) {
            let text = error.to_string();
            let last = text.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned();
            return self.infer.report(
                self.operands[1],
                format!("not a valid regular expression: {last}"),
                Some("RE2 syntax: no look-around, no back-references".to_owned()),
            );
        }
        self.result(fits, Alternative::Bool(None))
    }

    fn convert(&mut self, function: &str) -> Type {
        use Alternative::{Bool, Bytes, Double, Duration, Int, String, Timestamp, Uint};
        let (alternative, may_fail, same) = match function {
            "int" => (Int, Some("the number may be outside the 64-bit integers"), Int),
            "uint" => (Uint, Some("the number may be outside the 64-bit integers"), Uint),
            "double" => (Double, None, Double),
            _ => (String(None), None, String(None)),
        };
        let words = alternative.word();
        let already = self.seen[0].type_.all(|operand| std::mem::discriminant(operand) == std::mem::discriminant(&same));
        if already {
            return self.infer.report(
                self.node,
                format!("`{}` is {words} already", self.operands[0]),
                Some("remove the conversion".to_owned()),
            );
        }
        let fits = |operand: &Alternative| match function {
            "string" => matches!(operand, Bool(_) | Int | Uint | Double | String(_) | Bytes | Timestamp | Duration),
            "double" => matches!(operand, Int | Uint | Double | String(_)),
            _ => matches!(operand, Int | Uint | Double | String(_) | Timestamp),
        };
        let fits = self.operand(0, fits, "a scalar");
        if self.seen[0].type_.has(|operand| matches!(operand, String(_))) && function != "string" {
            self.infer.may_fail(self.node, "the text might not be a number");
        } else if let Some(why) = may_fail {
            self.infer.may_fail(self.node, why);
        }
        self.result(fits, alternative)
    }

    fn instant_or_duration(&mut self, function: &str) -> Type {
        let operand = self.operands[0];
        let Some(Literal::String(text)) = operand.literal() else {
            let remedy = "bind the value as date-time and guard it with isInstant(…), so that an invalid value violates one rule only";
            return self.infer.report(operand, format!("`{function}` takes a string literal"), Some(remedy.to_owned()));
        };
        let valid = if function == "timestamp" { crate::instant::parse(&text).is_some() } else { crate::instant::is_duration(&text) };
        if !valid {
            let (words, remedy) = match function {
                "timestamp" => ("not an RFC 3339 instant", "write it like '2026-07-01T10:00:00Z'"),
                _ => ("not a duration", "write it like '90s', '1.5h' or '250ms'"),
            };
            return self.infer.report(operand, format!("{operand} is {words}"), Some(remedy.to_owned()));
        }
        Type::of(if function == "timestamp" { Alternative::Timestamp } else { Alternative::Duration })
    }

    fn instant_test(self) -> Seen {
        let seen = &self.seen[0];
        if !seen.type_.has(|alternative| *alternative == Alternative::Timestamp) {
            let message = format!("`{}` is never bound as an instant", self.operands[0]);
            let type_ = self.infer.report(self.node, message, Some("name its schema under `bind`, as: date-time".to_owned()));
            return plain(type_, self.facts);
        }
        let Some(path) = &seen.path else { return plain(Type::bool(), self.facts) };
        let is = |alternative: &Alternative| *alternative == Alternative::Timestamp;
        Seen {
            type_: Type::bool(),
            path: None,
            yes: self.infer.restrict(self.facts, path, seen.type_.filter(is)),
            no: self.infer.restrict(self.facts, path, seen.type_.filter(|alternative| !is(alternative))),
        }
    }

    /// `getHours()` and similar functions. Durations support only the total counts, on which all evaluators agree.
    fn part(&mut self, function: &str) -> Type {
        let of_duration = matches!(function, "getHours" | "getMinutes" | "getSeconds") && self.operands.len() == 1;
        let fits = |alternative: &Alternative| match alternative {
            Alternative::Timestamp => true,
            Alternative::Duration => of_duration,
            _ => false,
        };
        let mut fits = self.operand(0, fits, "an instant");
        if self.operands.len() == 2 {
            fits &= self.text(1);
            self.infer.may_fail(self.node, "the time zone may be unknown");
        }
        self.result(fits, Alternative::Int)
    }
}
