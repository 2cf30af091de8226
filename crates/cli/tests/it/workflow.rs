//! The steps of CI configurations: those that `init` writes, those of the book, and those of the action. Their `run` scripts are executed in a
//! clone of a repository, with the variables of a pull request. Not executed: `uses` steps, `cargo install`, and the `if` of a step.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use serde_json::Value;
use tempfile::TempDir;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().expect("the repository")
}

fn yaml(text: &str) -> Value {
    charter_contract::load::parse_value("workflow.yml", text.as_bytes().to_vec()).expect("YAML")
}

/// The fenced block of a page that begins with a line.
fn block(page: &str, first: &str) -> String {
    let text = std::fs::read_to_string(root().join("docs/book/src").join(page)).expect("a page");
    let (_, rest) = text.split_once(&format!("{first}\n")).unwrap_or_else(|| panic!("{page} has no block {first}"));
    rest.split("\n```").next().expect("a block").to_owned()
}

/// A clone of a repository whose main branch has files.
struct Clone {
    folder: TempDir,
}

impl Clone {
    fn new(files: &[(&str, &str)]) -> Self {
        let clone = Self { folder: TempDir::new().expect("a folder") };
        let origin = clone.folder.path().join("origin");
        std::fs::create_dir(&origin).expect("a folder");
        clone.git(&origin, &["init", "--quiet", "--initial-branch", "main"]);
        clone.add(&origin, files);
        clone.git(clone.folder.path(), &["clone", "--quiet", "origin", "clone"]);
        clone
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("clone")
    }

    fn git(&self, at: &Path, arguments: &[&str]) {
        let identity = ["-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false"];
        let done = Command::new("git").current_dir(at).args(identity).args(arguments).env("GIT_CONFIG_GLOBAL", "/dev/null").output();
        let done = done.expect("git runs");
        assert!(done.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&done.stderr));
    }

    fn add(&self, at: &Path, files: &[(&str, &str)]) {
        for (name, text) in files {
            let path = at.join(name);
            std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
            std::fs::write(path, text).expect("a file");
        }
        self.git(at, &["add", "--all"]);
        self.git(at, &["commit", "--quiet", "--message", "a change"]);
    }

    /// Commits files in the clone.
    fn change(&self, files: &[(&str, &str)]) {
        self.add(&self.path(), files);
    }

    /// The exit code and the output of a script, with `charter` on the path.
    fn script(&self, script: &str, variables: &[(&str, &str)]) -> (i32, String) {
        let program = assert_cmd::cargo::cargo_bin("charter");
        let path = format!("{}:{}", program.parent().expect("a folder").display(), std::env::var("PATH").unwrap_or_default());
        let mut command = Command::new("bash");
        command.current_dir(self.path()).args(["--noprofile", "--norc", "-eo", "pipefail", "-c", script]).env("PATH", path);
        command.env_remove("CHARTER_CONTRACT").env_remove("CARGO_MANIFEST_DIR");
        command.env("GITHUB_BASE_REF", "main").env("GITHUB_STEP_SUMMARY", self.folder.path().join("summary.md"));
        let done = command.envs(variables.iter().copied()).output().expect("bash runs");
        let text = format!("{}{}", String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
        (done.status.code().expect("a code"), text)
    }

    /// Runs the scripts of a job. After a failed step, only steps with `if: always()` run. The number of scripts, and the script and the output
    /// of the first that fails.
    fn job(&self, steps: &Value) -> (usize, Option<(String, String)>) {
        let (mut count, mut failed) = (0, None);
        for step in steps.as_array().expect("steps") {
            let Some(script) = step["run"].as_str().filter(|script| !script.starts_with("cargo install")) else { continue };
            if failed.is_some() && step["if"] != "always()" {
                continue;
            }
            count += 1;
            let (code, text) = self.script(script, &[]);
            if code != 0 && failed.is_none() {
                failed = Some((script.to_owned(), text));
            }
        }
        (count, failed)
    }

    fn summary(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("summary.md")).unwrap_or_default()
    }
}

static DOCUMENT: LazyLock<String> = LazyLock::new(|| tutorial("openapi.yaml"));
static NEXT: LazyLock<String> = LazyLock::new(|| tutorial("next/openapi.yaml"));
static TRAFFIC: LazyLock<String> = LazyLock::new(|| tutorial("traffic.ndjson"));

/// A file of the tutorial.
fn tutorial(name: &str) -> String {
    std::fs::read_to_string(root().join("docs/book/src/tutorial.in").join(name)).expect("a file of the tutorial")
}

#[test]
fn the_workflow_of_init_passes_for_the_pull_request_that_adds_the_contract() {
    for folder in ["", "api/"] {
        let clone = Clone::new(&[("README.md", "text\n")]);
        clone.change(&[(&format!("{folder}openapi.yaml"), DOCUMENT.as_str())]);
        let (code, text) = clone.script(&format!("charter init {folder}openapi.yaml"), &[]);
        assert_eq!(code, 0, "{text}");
        clone.change(&[]);
        let workflow = yaml(&std::fs::read_to_string(clone.path().join(".github/workflows/contract.yml")).expect("a workflow"));
        let (count, failed) = clone.job(&workflow["jobs"]["contract"]["steps"]);
        assert!(count == 3 && failed.is_none(), "{failed:?}");
    }
}

#[test]
fn the_workflow_of_init_fails_for_a_breaking_change() {
    for folder in ["", "api/"] {
        let clone = Clone::new(&[(&format!("{folder}openapi.yaml"), DOCUMENT.as_str())]);
        let origin = clone.folder.path().join("origin");
        let (code, text) = clone.script(&format!("cd ../origin && charter init {folder}openapi.yaml"), &[]);
        assert_eq!(code, 0, "{text}");
        clone.add(&origin, &[]);
        clone.git(&clone.path(), &["pull", "--quiet"]);
        let workflow = yaml(&std::fs::read_to_string(clone.path().join(".github/workflows/contract.yml")).expect("a workflow"));
        let steps = &workflow["jobs"]["contract"]["steps"];
        clone.change(&[("notes.md", "text\n")]);
        assert_eq!(clone.job(steps), (3, None));
        clone.change(&[(&format!("{folder}openapi.yaml"), NEXT.as_str())]);
        let (_, failed) = clone.job(steps);
        let (script, text) = failed.expect("the change breaks clients");
        assert!(script.contains("charter diff"), "{script}: {text}");
        assert!(clone.summary().contains("`weightGrams` is now optional"), "{}", clone.summary());
        let hook = yaml(&std::fs::read_to_string(clone.path().join(".pre-commit-config.yaml")).expect("a file"));
        let entry = hook.pointer("/repos/0/hooks/0/entry").and_then(Value::as_str).expect("a hook");
        assert_eq!(clone.script(entry, &[]).0, 0);
    }
}

#[test]
fn the_configuration_of_init_for_gitlab_runs() {
    let clone = Clone::new(&[("openapi.yaml", DOCUMENT.as_str())]);
    let (code, text) = clone.script("charter init openapi.yaml --ci gitlab", &[]);
    assert_eq!(code, 0, "{text}");
    let configuration = yaml(&std::fs::read_to_string(clone.path().join("contract.gitlab-ci.yml")).expect("a file"));
    let scripts = configuration["contract"]["script"].as_array().expect("a script");
    for script in scripts.iter().filter_map(Value::as_str).filter(|script| !script.starts_with("cargo install")) {
        let (code, text) = clone.script(script, &[]);
        assert_eq!(code, 0, "{script}: {text}");
    }
}

/// The repository that the page about CI assumes: a contract in `api`, types in `src/api`, recordings, and accepted findings.
fn repository() -> Clone {
    let clone =
        Clone::new(&[("api/openapi.yaml", DOCUMENT.as_str()), ("api/charter.toml", ""), ("recordings/traffic.ndjson", TRAFFIC.as_str())]);
    let origin = clone.folder.path().join("origin");
    let prepare = "cd ../origin
charter generate --contract api --out src/api
charter check recordings --contract api --baseline accepted.json --write-baseline || [ $? = 1 ]
sed -i 's/\"reason\": \"[^\"]*\"/\"reason\": \"known\"/' accepted.json";
    let (code, text) = clone.script(prepare, &[]);
    assert_eq!(code, 0, "{text}");
    clone.add(&origin, &[]);
    clone.git(&clone.path(), &["pull", "--quiet"]);
    clone
}

#[test]
fn the_configurations_of_the_book_run() {
    let clone = repository();
    let workflow = yaml(&block("ci.md", "# .github/workflows/contract.yml"));
    let steps = &workflow["jobs"]["contract"]["steps"];
    clone.change(&[("notes.md", "text\n")]);
    assert_eq!(clone.job(steps), (5, None));
    let hook = block("ci.md", "# .git/hooks/pre-commit");
    assert_eq!(clone.script(&hook, &[]), (0, clone.script(&hook, &[]).1));
    // Without the accepted findings, GitLab's job fails after it has written its reports.
    let configuration = yaml(&block("ci.md", "# .gitlab-ci.yml"));
    let scripts: Vec<&str> = configuration["contract"]["script"].as_array().expect("a script").iter().filter_map(Value::as_str).collect();
    let codes: Vec<i32> = scripts.iter().map(|script| clone.script(script, &[]).0).collect();
    assert_eq!(codes, [0, 1], "{scripts:?}");
    for file in configuration["contract"]["artifacts"]["reports"].as_object().expect("reports").values() {
        assert!(clone.path().join(file.as_str().expect("a file")).is_file(), "{file}");
    }
    // A change of the contract: stale types and a breaking change.
    clone.change(&[("api/openapi.yaml", NEXT.as_str())]);
    let (_, failed) = clone.job(steps);
    assert!(failed.expect("the types are stale").0.contains("charter generate"));
    let (code, _) = clone.script("charter generate --contract api --out src/api", &[]);
    assert_eq!(code, 0);
    let (_, failed) = clone.job(steps);
    assert!(failed.expect("the change breaks clients").0.contains("charter diff"));
    assert!(clone.summary().contains("weightGrams"), "{}", clone.summary());
}

#[test]
fn the_action_runs_each_command() {
    let clone = repository();
    clone.change(&[("notes.md", "text\n")]);
    let action = yaml(&std::fs::read_to_string(root().join("action.yml")).expect("the action"));
    let step = action.pointer("/runs/steps").and_then(Value::as_array).expect("steps").last().expect("a step");
    let script = step["run"].as_str().expect("a script");
    let run = |command: &str, contract: &str, paths: &str, more: &str| {
        // The expressions of the step's environment, as the runner evaluates them.
        let value = |expression: &str| match expression {
            "${{ inputs.command }}" => command.to_owned(),
            "${{ inputs.contract }}" => contract.to_owned(),
            "${{ inputs.paths }}" => paths.to_owned(),
            "${{ inputs.args }}" => more.to_owned(),
            other => panic!("an unknown expression: {other}"),
        };
        let variables: Vec<(String, String)> = step["env"]
            .as_object()
            .expect("an environment")
            .iter()
            .map(|(name, expression)| (name.clone(), value(expression.as_str().expect("text"))))
            .collect();
        let variables: Vec<(&str, &str)> = variables.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        clone.script(script, &variables)
    };
    for (command, contract, paths, more, expected, text) in [
        ("check", "api", "recordings", "--baseline accepted.json", 0, ""),
        ("check", "api", "recordings", "", 1, "::error file=recordings/traffic.ndjson,line=2"),
        ("lint", "api", "", "", 0, "1 operation"),
        ("lint", "", "", "", 0, "1 operation"),
        ("generate", "api", "", "--out src/api", 0, ""),
        ("generate", "api", "", "--out src/other", 4, ""),
        ("diff", "api", "origin/main HEAD", "--fail-on breaking", 0, ""),
        ("scrub", "api", "", "", 2, "unknown command: scrub; expected check, generate, diff or lint"),
    ] {
        let (code, out) = run(command, contract, paths, more);
        assert!(code == expected && out.contains(text), "{command} {paths} {more}: {code}\n{out}");
    }
}

/// The five commands of the README, in the repository of an API: its document, a recording, and one commit since the main branch.
#[test]
fn the_commands_of_the_readme_run() {
    let readme = std::fs::read_to_string(root().join("README.md")).expect("the README");
    let (_, section) = readme.split_once("## Your API in five commands").expect("the section");
    let (_, block) = section.split_once("```sh\n").expect("a block");
    let commands: Vec<&str> =
        block.lines().take_while(|line| *line != "```").map(|line| line.split("  #").next().unwrap_or(line)).collect();
    assert_eq!(commands.len(), 5, "{commands:?}");
    let formats = root().join("crates/traffic/tests/formats");
    let text = |name: &str| std::fs::read_to_string(formats.join(name)).expect("a file");
    let clone = Clone::new(&[("openapi.yaml", &text("openapi.yaml")), ("traffic.har", &text("polly/kept.har"))]);
    clone.change(&[("notes.md", "text\n")]);
    for command in commands {
        let (code, text) = clone.script(command, &[]);
        assert_eq!(code, 0, "{command}: {text}");
    }
}
