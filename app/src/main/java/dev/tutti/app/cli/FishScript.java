package dev.tutti.app.cli;

import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/// Writes a completion script for fish from the tree of commands.
final class FishScript {
  private FishScript() {}

  static String of(CommandLine tree) {
    var script = new StringBuilder("# fish completion for tutti\ncomplete -c tutti -f\n");
    tree.getSubcommands().forEach((name, command) -> top(script, name, command.getCommandSpec()));
    return script.toString();
  }

  private static void top(StringBuilder script, String name, CommandSpec command) {
    line(script, "__fish_use_subcommand", "-a " + name, command);
    var seen = "__fish_seen_subcommand_from " + name;
    var children = command.subcommands();
    var none =
        seen + "; and not __fish_seen_subcommand_from " + String.join(" ", children.keySet());
    children.forEach((child, line) -> {
      line(script, none, "-a " + child, line.getCommandSpec());
      options(
          script,
          seen + "; and __fish_seen_subcommand_from " + child,
          line.getCommandSpec().options().stream());
    });
    if (children.isEmpty()) {
      options(script, seen, command.options().stream());
    }
  }

  private static void options(StringBuilder script, String when, Stream<OptionSpec> options) {
    options.forEach(option -> {
      var needsValue = option.arity().min() > 0 ? " -r" : "";
      var name = "-l " + option.longestName().replaceFirst("^--", "") + needsValue;
      add(script, when, name, String.join(" ", option.description()));
    });
  }

  private static void line(StringBuilder script, String when, String what, CommandSpec command) {
    var text = Stream.of(command.usageMessage().description()).limit(1);
    add(script, when, what, text.collect(Collectors.joining()));
  }

  private static void add(StringBuilder script, String when, String what, String description) {
    var quoted = description.replace("\\", "\\\\").replace("'", "\\'");
    script.append("complete -c tutti -n '").append(when).append("' ").append(what);
    script.append(" -d '").append(quoted).append("'\n");
  }
}
