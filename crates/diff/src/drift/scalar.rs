//! Observes numbers, texts and the sizes of lists and objects: the keywords for the value itself.

use charter_contract::{JsonType, Keywords, Location, SchemaId};
use serde_json::{Number, Value};

use super::infer;
use super::observe::{DISTINCT, Deviation, Observer};

impl Observer<'_, '_> {
    /// Checks the keywords for the value itself. Returns false if the type differs.
    pub(super) fn scalar(&mut self, id: SchemaId, keywords: &Keywords, value: &Value, pointer: &str, referrer: SchemaId) -> bool {
        let location = self.side.contract().schema(id).location.clone();
        if let Some(types) = &keywords.types {
            let type_ = infer::type_of(value);
            let fits = types.contains(&type_) || type_ == JsonType::Integer && types.contains(&JsonType::Number);
            if !fits {
                let at = self.side.contract().schema(referrer).location.clone();
                self.note(&at, Deviation::Type(type_), value, pointer, Some(referrer));
                return false;
            }
        }
        let listed = keywords.enumeration.as_ref().map(|values| values.contains(value));
        let listed = listed.or(keywords.constant.as_ref().map(|constant| constant == value));
        if let Some(known) = listed {
            *self.observations.entry(id).or_default().values.entry(value.to_string()).or_default() += 1;
            if !known {
                self.note(&location, Deviation::Listed(value.to_string()), value, pointer, Some(id));
                return true;
            }
        }
        match value {
            Value::Number(number) => self.number(id, keywords, number, value, pointer),
            Value::String(text) if !self.masked.contains(pointer) => self.text(id, keywords, text, value, pointer),
            Value::Array(items) => {
                let count = items.len() as f64;
                self.bound(&location, id, ("minItems", "maxItems"), (keywords.min_items, keywords.max_items), count, value, pointer);
            }
            Value::Object(entries) => {
                let count = entries.len() as f64;
                let bounds = (keywords.min_properties, keywords.max_properties);
                self.bound(&location, id, ("minProperties", "maxProperties"), bounds, count, value, pointer);
            }
            _ => {}
        }
        true
    }

    #[expect(clippy::too_many_arguments, reason = "two keywords, their operands and a location")]
    fn bound(
        &mut self,
        location: &Location,
        id: SchemaId,
        names: (&'static str, &'static str),
        bounds: (Option<u64>, Option<u64>),
        measured: f64,
        value: &Value,
        pointer: &str,
    ) {
        for (name, beyond) in [
            (names.0, bounds.0.is_some_and(|least| measured < least as f64)),
            (names.1, bounds.1.is_some_and(|most| measured > most as f64)),
        ] {
            if beyond {
                self.note(location, Deviation::Bound(name), value, pointer, Some(id));
                self.measured(location, Deviation::Bound(name), &Number::from(measured as u64));
            }
        }
    }

    fn number(&mut self, id: SchemaId, keywords: &Keywords, number: &Number, value: &Value, pointer: &str) {
        let Some(measured) = number.as_f64() else { return };
        let place = self.observations.entry(id).or_default();
        place.least = Some(place.least.map_or(measured, |least| least.min(measured)));
        place.most = Some(place.most.map_or(measured, |most| most.max(measured)));
        let location = self.side.contract().schema(id).location.clone();
        let of = |bound: &Option<Number>| bound.as_ref().and_then(Number::as_f64);
        for (name, beyond) in [
            ("minimum", of(&keywords.minimum).is_some_and(|bound| measured < bound)),
            ("exclusiveMinimum", of(&keywords.exclusive_minimum).is_some_and(|bound| measured <= bound)),
            ("maximum", of(&keywords.maximum).is_some_and(|bound| measured > bound)),
            ("exclusiveMaximum", of(&keywords.exclusive_maximum).is_some_and(|bound| measured >= bound)),
            ("multipleOf", of(&keywords.multiple_of).is_some_and(|step| ((measured / step) - (measured / step).round()).abs() > 1e-9)),
        ] {
            if beyond {
                self.note(&location, Deviation::Bound(name), value, pointer, Some(id));
                self.measured(&location, Deviation::Bound(name), number);
            }
        }
    }

    fn text(&mut self, id: SchemaId, keywords: &Keywords, text: &str, value: &Value, pointer: &str) {
        let length = text.chars().count() as u64;
        let place = self.observations.entry(id).or_default();
        place.texts += 1;
        place.lengths = Some(place.lengths.map_or((length, length), |(least, most)| (least.min(length), most.max(length))));
        let formats = infer::formats(text);
        place.formats = Some(match place.formats.take() {
            None => formats,
            Some(known) => known.intersection(&formats).copied().collect(),
        });
        if keywords.enumeration.is_none() && keywords.constant.is_none() {
            let json = value.to_string();
            if let Some(count) = place.values.get_mut(&json) {
                *count += 1;
            } else if place.values.len() < DISTINCT {
                place.values.insert(json.clone(), 1);
                self.new_values.push((id, json));
            } else {
                place.more_values = true;
            }
        }
        let location = self.side.contract().schema(id).location.clone();
        let bounds = (keywords.min_length, keywords.max_length);
        self.bound(&location, id, ("minLength", "maxLength"), bounds, length as f64, value, pointer);
        if let Some(pattern) = &keywords.pattern
            && !infer::matches(pattern, text)
        {
            self.note(&location, Deviation::Bound("pattern"), value, pointer, Some(id));
        }
        if let Some(format) = &keywords.format
            && infer::is_of_format(format, text) == Some(false)
        {
            self.note(&location, Deviation::Format(format.clone()), value, pointer, Some(id));
        }
    }

    fn measured(&mut self, location: &Location, new: Deviation, measured: &Number) {
        if let Some(occurrences) = self.deviations.get_mut(&(location.clone(), new)) {
            if occurrences.least.as_ref().is_none_or(|least| is_less(measured, least)) {
                occurrences.least = Some(measured.clone());
            }
            if occurrences.most.as_ref().is_none_or(|most| is_less(most, measured)) {
                occurrences.most = Some(measured.clone());
            }
        }
    }
}

/// Compares integers exactly, and other numbers as `f64`.
fn is_less(one: &Number, other: &Number) -> bool {
    match (one.as_i128(), other.as_i128()) {
        (Some(one), Some(other)) => one < other,
        _ => one.as_f64() < other.as_f64(),
    }
}
