//! Starts `loracheck lsp` in Zed. The program is the one of the setting `lsp.loracheck.binary`, else
//! `loracheck` of the project's shell environment; none is fetched, and nothing in the project's own
//! folders is run unless that environment has it on its path.

use zed_extension_api::{
    self as zed, serde_json, settings::LspSettings, LanguageServerId, Result, Worktree,
};

const NAME: &str = "loracheck";

struct Loracheck;

impl zed::Extension for Loracheck {
    fn new() -> Self {
        Self
    }

    fn language_server_command(
        &mut self,
        _id: &LanguageServerId,
        worktree: &Worktree,
    ) -> Result<zed::Command> {
        let (path, arguments) = match read_settings(worktree).binary {
            Some(binary) => (binary.path, binary.arguments),
            None => (None, None),
        };
        let command = path.or_else(|| worktree.which(NAME)).ok_or_else(|| {
            "loracheck is not on the path: pip install 'loracheck[lsp]', \
             or name it in lsp.loracheck.binary.path"
                .to_string()
        })?;
        Ok(zed::Command {
            command,
            args: arguments.unwrap_or_else(|| vec!["lsp".to_string()]),
            env: worktree.shell_env(),
        })
    }

    /// The server takes its options (`model`, `select`, `serve`, ...) when it starts.
    fn language_server_initialization_options(
        &mut self,
        _id: &LanguageServerId,
        worktree: &Worktree,
    ) -> Result<Option<serde_json::Value>> {
        Ok(read_settings(worktree).initialization_options)
    }

    /// It asks for the section `loracheck` again when the settings change.
    fn language_server_workspace_configuration(
        &mut self,
        _id: &LanguageServerId,
        worktree: &Worktree,
    ) -> Result<Option<serde_json::Value>> {
        let settings = read_settings(worktree).settings;
        Ok(settings.map(|values| serde_json::json!({ NAME: values })))
    }
}

fn read_settings(worktree: &Worktree) -> LspSettings {
    LspSettings::for_worktree(NAME, worktree).unwrap_or_default()
}

zed::register_extension!(Loracheck);
