//! Tables of the cost per unit, as Markdown and as JSON.

use std::fmt::Write;

use serde_json::{Value, json};

/// The cost per unit, by the number of units.
pub(crate) struct Table {
    /// The sentence before the table.
    pub(crate) title: String,
    /// The unit, of which each row has more.
    pub(crate) of: &'static str,
    /// The measured costs, with their units of measurement.
    pub(crate) columns: Vec<&'static str>,
    pub(crate) rows: Vec<(usize, Vec<f64>)>,
}

/// The median.
pub(crate) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

impl Table {
    /// The ratio of a cell to the cell of another row.
    fn ratio(&self, row: usize, column: usize, to: usize) -> f64 {
        self.rows[row].1[column] / self.rows[to].1[column]
    }

    fn markdown(&self, out: &mut String) {
        // A table with several columns has no room for both ratios.
        let is_wide = self.columns.len() > 1;
        let (ratios, rule) = if is_wide { ("ratio", "--:|--:|") } else { ("to the first row | to the previous row", "--:|--:|--:|") };
        let _ = write!(out, "{}\n\n| {} |", self.title, self.of);
        for column in &self.columns {
            let _ = write!(out, " {column} | {ratios} |");
        }
        let _ = writeln!(out, "\n|--:|{}", rule.repeat(self.columns.len()));
        for (at, (number, values)) in self.rows.iter().enumerate() {
            let _ = write!(out, "| {} |", grouped(*number));
            for (column, value) in values.iter().enumerate() {
                let digits = if *value < 10.0 { 2 } else { usize::from(*value < 100.0) };
                let _ = write!(out, " {value:.digits$} | {:.3} |", self.ratio(at, column, 0));
                if !is_wide {
                    let _ = write!(out, " {:.2} |", self.ratio(at, column, at.saturating_sub(1)));
                }
            }
            out.push('\n');
        }
    }

    fn json(&self) -> Value {
        let rows = self.rows.iter().enumerate().map(|(at, (number, values))| {
            let cell = |column: usize| {
                let (first, before) = (self.ratio(at, column, 0), self.ratio(at, column, at.saturating_sub(1)));
                json!({ "cost": values[column], "toTheFirst": first, "toTheOneBefore": before })
            };
            let values: Vec<Value> = (0..values.len()).map(cell).collect();
            json!({ "number": number, "values": values })
        });
        json!({ "title": self.title, "of": self.of, "columns": self.columns, "rows": rows.collect::<Vec<_>>() })
    }
}

pub(crate) fn markdown(tables: &[Table], rounds: usize) -> String {
    let mut out = format!("CPU time, median of {rounds} rounds. The other columns are ratios to the first row and to the previous row.\n");
    for table in tables {
        out.push('\n');
        table.markdown(&mut out);
    }
    out
}

pub(crate) fn json(tables: &[Table], rounds: usize) -> String {
    format!("{:#}\n", json!({ "rounds": rounds, "tables": tables.iter().map(Table::json).collect::<Vec<_>>() }))
}

/// A number with commas between thousands.
fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}
