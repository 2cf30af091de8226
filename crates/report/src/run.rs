//! Facts about a run that are not in the JSON report, which is the same on every run.

/// Facts about a run. Each is absent if it is not known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct RunFacts {
    /// The name of the program in commands.
    pub program: Option<String>,
    /// The command line.
    pub command: Option<String>,
    /// The title of the contract.
    pub title: Option<String>,
    /// The version of the contract.
    pub version: Option<String>,
    /// The date and the time.
    pub date: Option<String>,
    /// The revision of the contract in git.
    pub revision: Option<String>,
    /// The file of the JSON report that the run writes.
    pub json_report: Option<String>,
    /// The flags that select what is judged.
    pub selection: Selection,
}

/// The flags that select what is judged, each as it is given to `check`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Selection {
    /// `--operation`
    pub operation: Option<String>,
    /// `--include`
    pub include: Vec<String>,
    /// `--exclude`
    pub exclude: Vec<String>,
    /// `--webhook`
    pub webhooks: Vec<String>,
    /// `--formats`
    pub formats: Option<String>,
    /// `--examples`
    pub examples: bool,
}

impl RunFacts {
    /// The name of the program in commands.
    pub fn program(&self) -> &str {
        self.program.as_deref().unwrap_or("charter")
    }
}

impl Selection {
    /// The flags, quoted for a shell.
    pub(crate) fn flags(&self) -> String {
        let one = |name: &str, value: &str| format!(" {name}={}", crate::reproduce::shell_word(value));
        let many = |name: &str, values: &[String]| values.iter().map(|value| one(name, value)).collect::<String>();
        let optional = |name: &str, value: &Option<String>| value.as_ref().map_or_else(String::new, |value| one(name, value));
        [
            optional("--operation", &self.operation),
            many("--include", &self.include),
            many("--exclude", &self.exclude),
            many("--webhook", &self.webhooks),
            optional("--formats", &self.formats),
        ]
        .concat()
    }
}
