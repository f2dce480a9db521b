package dev.tutti.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/// The reference and the completion scripts are made from the commands themselves.
final class CliReferenceTest {
  private static final String INTRODUCTION =
      """
      # Commands

      Made from the commands themselves; a test fails when it is stale, and
      `-Dgolden.update` writes it anew.

      Data goes to standard output, everything else to standard error. With `--json` the data is one
      JSON document, the hub's own where a hub answered; where output streams, it is one document
      per line. Every option `--some-name` may also come from the environment as
      `TUTTI_SOME_NAME`: flag before environment before file before default. `NO_COLOR` is
      respected, and what is no terminal gets no colour.

      ## Exit codes

      | code | meaning |
      |---|---|
      | 0 | ok |
      | 1 | failed |
      | 2 | usage: the command line is wrong |
      | 3 | environment: this machine lacks something |
      | 4 | auth: no key, or one that may not do this |
      | 5 | degraded: it works, but not all of it |
      | 6 | down: no hub answers, or there is no such thing |
      | 7 | approval needed |
      | 8 | timeout, or the queue is full |

      ## Options of every command

      """;

  @Test
  void the_reference_says_what_the_commands_say() throws IOException {
    Golden.check(Golden.root().resolve("docs/cli.md"), reference());
  }

  @Test
  void every_command_explains_itself_and_every_option_too() {
    for (var command : leaves(tree().getCommandSpec())) {
      var run = new CommandRun();
      var words = new ArrayList<>(List.of(command.qualifiedName().split(" ", -1)));
      words.removeFirst();
      words.add("--help");

      assertThat(run.run(words.toArray(String[]::new))).isZero();

      assertThat(run.out()).startsWith("Usage: tutti").contains("--json", "--url");
      assertThat(run.err()).isEmpty();
      assertThat(command.options())
          .allSatisfy(
              option -> assertThat(option.description()).as(option.longestName()).isNotEmpty());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"bash", "zsh", "fish"})
  void a_completion_script_is_accepted_by_its_shell(String shell, @TempDir Path directory)
      throws Exception {
    var run = new CommandRun();
    assertThat(run.run("completion", shell)).isZero();
    assertThat(run.out()).contains("backend", "approve", "node-port");
    var script = Files.writeString(directory.resolve("script"), run.out());
    Assumptions.assumeTrue(isInstalled(shell), shell + " is not installed");

    var check = new ProcessBuilder(shell, "-n", script.toString()).inheritIO().start();

    assertThat(check.waitFor(20, TimeUnit.SECONDS)).isTrue();
    assertThat(check.exitValue()).isZero();
  }

  private static boolean isInstalled(String shell) {
    return List.of("/bin", "/usr/bin", "/usr/local/bin", "/opt/homebrew/bin").stream()
        .anyMatch(directory -> Files.isExecutable(Path.of(directory, shell)));
  }

  private static CommandLine tree() {
    var root = new RootCommand();
    var run = new CommandRun();
    var streams =
        new Streams(
            java.io.InputStream.nullInputStream(),
            new java.io.PrintStream(java.io.OutputStream.nullOutputStream()),
            new java.io.PrintStream(java.io.OutputStream.nullOutputStream()),
            false);
    var session = new Session(root, run.environment(), streams);
    return CommandTree.build(root, session, new NoProcesses());
  }

  private static List<CommandSpec> leaves(CommandSpec command) {
    if (command.subcommands().isEmpty()) {
      return List.of(command);
    }
    return command.subcommands().values().stream()
        .flatMap(child -> leaves(child.getCommandSpec()).stream())
        .toList();
  }

  private static String reference() {
    var tree = tree().getCommandSpec();
    var text = new StringBuilder(INTRODUCTION);
    options(text, tree.options());
    for (var command : leaves(tree)) {
      text.append("## ").append(command.qualifiedName()).append("\n\n");
      for (var line : command.usageMessage().description()) {
        text.append(plain(line)).append("\n\n");
      }
      text.append("```\n").append(synopsis(command)).append("\n```\n\n");
      options(text, command.options().stream().filter(option -> !option.inherited()).toList());
    }
    return text.toString().stripTrailing() + "\n";
  }

  private static String synopsis(CommandSpec command) {
    var text = new StringBuilder(command.qualifiedName());
    for (var option : command.requiredArgs()) {
      text.append(
          option instanceof OptionSpec named
              ? " " + named.longestName() + " " + named.paramLabel()
              : "");
    }
    boolean hasOptions =
        command.options().stream().anyMatch(option -> !option.inherited() && !option.required());
    if (hasOptions) {
      text.append(" [OPTION]…");
    }
    for (var word : command.positionalParameters()) {
      boolean many = word.arity().max() > 1;
      boolean optional = word.arity().min() == 0;
      text.append(optional ? " [" : " ").append(word.paramLabel()).append(optional ? "]" : "");
      text.append(many ? "…" : "");
    }
    return text.toString();
  }

  private static void options(StringBuilder text, List<OptionSpec> options) {
    if (options.isEmpty()) {
      return;
    }
    text.append("| option | |\n|---|---|\n");
    for (var option : options) {
      var label = option.arity().max() == 0 ? "" : " " + option.paramLabel();
      text.append("| `").append(String.join("`, `", option.names())).append(label);
      text.append("` | ").append(plain(String.join(" ", option.description()))).append(" |\n");
    }
    text.append('\n');
  }

  private static String plain(String text) {
    var filled =
        text.replace("${COMPLETION-CANDIDATES}", String.join(", ", UpCommand.Strategies.NAMES))
            .replace("${DEFAULT-VALUE}", "llm_worker");
    return Ansi.OFF.string(filled);
  }

  /// Nothing is run for a reference.
  private static final class NoProcesses implements Processes {
    @Override
    public int up(UpOptions options) {
      throw new IllegalStateException("nothing is run for a reference");
    }

    @Override
    public int agentJoin(JoinOptions options) {
      throw new IllegalStateException("nothing is run for a reference");
    }

    @Override
    public int agentRun(AgentOptions options) {
      throw new IllegalStateException("nothing is run for a reference");
    }

    @Override
    public Imported importFile(ImportOptions options) {
      throw new IllegalStateException("nothing is run for a reference");
    }

    @Override
    public int agentLeave(AgentOptions options) {
      throw new IllegalStateException("nothing is run for a reference");
    }
  }
}
