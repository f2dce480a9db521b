package dev.tutti.app.cli;

import java.io.OutputStreamWriter;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Help;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.OptionSpec;

/// All commands, put together by hand.
final class CommandTree {
  /// Columns of a help text.
  private static final int HELP_COLUMNS = 96;

  private static final Set<String> YES = Set.of("1", "yes", "on");
  private static final Set<String> NO = Set.of("0", "no", "off");

  private CommandTree() {}

  /// Parses and runs one command line.
  static int execute(
      List<String> words, Processes processes, Environment environment, Streams streams) {
    var root = new RootCommand();
    var session = new Session(root, environment, streams);
    var tree = build(root, session, processes);
    tree.setColorScheme(Help.defaultColorScheme(session.colored() ? Help.Ansi.ON : Help.Ansi.OFF));
    tree.setExecutionExceptionHandler((exception, _, _) -> Failures.tell(exception, session));
    int code = tree.execute(words.toArray(String[]::new));
    streams.out().flush();
    streams.err().flush();
    return code;
  }

  /// The whole tree: for running, for completion scripts and for the reference.
  static CommandLine build(RootCommand root, Session session, Processes processes) {
    var tree = new CommandLine(root);
    tree.addSubcommand(new UpCommand(session, processes));
    tree.addSubcommand(new StatusCommand(session));
    tree.addSubcommand(new NodeCommands(session));
    tree.addSubcommand(new BackendCommands(session));
    tree.addSubcommand(new DiscoverCommand(session));
    tree.addSubcommand(new ModelCommands(session));
    tree.addSubcommand(new RunCommand(session));
    tree.addSubcommand(new ChatCommand(session));
    tree.addSubcommand(new EmbedCommand(session));
    tree.addSubcommand(new TaskCommands(session));
    tree.addSubcommand(new QueueCommand(session));
    var route = new CommandLine(new RouteCommands(session));
    route.addSubcommand(new SimulateCommand(session));
    tree.addSubcommand(route);
    tree.addSubcommand(new AgentCommands(session, processes));
    tree.addSubcommand(new KeyCommands(session));
    tree.addSubcommand(new AuthorityCommands(session));
    tree.addSubcommand(new ImportCommand(session, processes));
    tree.addSubcommand(new AuditCommands(session));
    tree.addSubcommand(new DoctorCommand(session));
    tree.addSubcommand(new VersionCommand(session));
    tree.addSubcommand(new CompletionCommand(session));
    tree.addSubcommand(new LauncherCommands.Test());
    tree.addSubcommand(new LauncherCommands.Bench());
    var streams = session.streams();
    tree.setOut(writer(streams.out()));
    tree.setErr(writer(streams.err()));
    tree.setUsageHelpWidth(HELP_COLUMNS);
    tree.setUsageHelpAutoWidth(false);
    tree.setDefaultValueProvider(argument -> fromEnvironment(argument, session.environment()));
    return tree;
  }

  private static PrintWriter writer(PrintStream stream) {
    return new PrintWriter(new OutputStreamWriter(stream, stream.charset()), true);
  }

  /// The environment's word for an option, so that a flag comes before it and the default after.
  private static @Nullable String fromEnvironment(ArgSpec argument, Environment environment) {
    if (!(argument instanceof OptionSpec option) || option.usageHelp()) {
      return null;
    }
    boolean isSwitch = option.arity().max() == 0;
    return environment
        .forOption(option.longestName())
        .map(value -> isSwitch ? truth(value) : value)
        .orElse(null);
  }

  private static String truth(String value) {
    var word = value.strip().toLowerCase(Locale.ROOT);
    return YES.contains(word) ? "true" : NO.contains(word) ? "false" : word;
  }
}
