//! The flags of the benchmark. `cargo xtask bench` passes them.

/// The flags.
#[derive(Clone)]
pub(crate) struct Arguments {
    pub(crate) size: usize,
    pub(crate) seed: u64,
    pub(crate) broken: u8,
    pub(crate) body_size: Option<usize>,
    pub(crate) rounds: usize,
    /// Pairs of a format and a file.
    pub(crate) reports: Vec<(String, String)>,
    /// Whether to count instructions with valgrind.
    pub(crate) instructions: bool,
    /// Whether to measure runs of other sizes.
    pub(crate) sizes: bool,
    /// One rung and its number of passes, without time measurement: the program that valgrind runs.
    pub(crate) only: Option<(String, usize)>,
}

impl Arguments {
    pub(crate) fn parse(mut words: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut arguments = Self {
            size: 200_000_000,
            seed: 1,
            broken: 0,
            body_size: None,
            rounds: 5,
            reports: Vec::new(),
            instructions: false,
            sizes: false,
            only: None,
        };
        while let Some(flag) = words.next() {
            let mut value = || words.next().ok_or_else(|| format!("{flag} needs a value"));
            match flag.as_str() {
                // cargo passes this flag to every benchmark.
                "--bench" => {}
                "--size" => arguments.size = number(&flag, &value()?)?,
                "--seed" => arguments.seed = number(&flag, &value()?)?,
                "--broken" => arguments.broken = number(&flag, &value()?)?,
                "--body-size" => arguments.body_size = Some(number(&flag, &value()?)?),
                "--rounds" => arguments.rounds = number(&flag, &value()?)?,
                "--instructions" => arguments.instructions = true,
                "--sizes" => arguments.sizes = true,
                "--report" => {
                    let value = value()?;
                    let (format, file) = value.split_once('=').ok_or("--report needs FORMAT=FILE")?;
                    arguments.reports.push((format.to_owned(), file.to_owned()));
                }
                "--only" => arguments.only = Some((value()?, number(&flag, &value()?)?)),
                _ => return Err(format!("unknown flag {flag}; see `cargo xtask bench --help`")),
            }
        }
        if arguments.size == 0 || arguments.rounds == 0 {
            return Err("`--size` and `--rounds` must be at least 1".to_owned());
        }
        Ok(arguments)
    }
}

fn number<N: std::str::FromStr>(flag: &str, text: &str) -> Result<N, String> {
    text.parse().map_err(|_| format!("{flag} needs a number, found {text}"))
}
