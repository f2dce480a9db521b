package dev.tutti.app.cli;

import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/// `tutti completion …`: scripts that make a shell complete our commands.
@Command(
    name = "completion",
    description = {
      "Print a script that makes a shell complete the commands.",
      "For example: eval \"$(tutti completion bash)\""
    })
final class CompletionCommand {
  private final Session session;

  @Spec private CommandSpec spec = CommandSpec.create();

  CompletionCommand(Session session) {
    this.session = session;
  }

  @Command(name = "bash", description = "For bash.")
  int bash() {
    return print(AutoComplete.bash("tutti", tree()));
  }

  @Command(name = "zsh", description = "For zsh; it uses the bash script in zsh's own way.")
  int zsh() {
    return print(AutoComplete.bash("tutti", tree()));
  }

  @Command(name = "fish", description = "For fish.")
  int fish() {
    return print(FishScript.of(tree()));
  }

  private CommandLine tree() {
    return spec.root().commandLine();
  }

  private int print(String script) {
    if (session.json()) {
      session.output().document(Json.object().put("script", script));
    } else {
      session.streams().out().print(script);
      session.streams().out().flush();
    }
    return Exit.OK.code();
  }
}
