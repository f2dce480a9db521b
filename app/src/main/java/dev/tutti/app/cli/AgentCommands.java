package dev.tutti.app.cli;

import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `tutti agent …`: this machine as a node of a hub elsewhere.
@Command(name = "agent", description = "Make this machine a node of a hub elsewhere.")
final class AgentCommands {
  private final Session session;
  private final Processes processes;

  AgentCommands(Session session, Processes processes) {
    this.session = session;
    this.processes = processes;
  }

  @Command(
      name = "join",
      description = {
        "Join a hub with the token that 'tutti node invite' made there, and run.",
        "The agent only dials out: nothing on this machine has to be opened."
      })
  int join(
      @Parameters(paramLabel = "URL", description = "The hub, as the invitation says.") String url,
      @Option(
              names = "--token",
              paramLabel = "TOKEN",
              defaultValue = "",
              description = "The one-use token.")
          String token,
      @Mixin AgentFlags flags) {
    if (token.isBlank()) {
      throw new CliException(
          Exit.USAGE, "--token: nothing (expected: the token of 'tutti node invite')");
    }
    return processes.agentJoin(
        new JoinOptions(HubClient.address(url).toString(), token.strip(), flags.options(session)));
  }

  @Command(
      name = "run",
      description = {
        "Run the agent of a machine that has joined.",
        "One that has not looks for a hub on the network and waits until somebody there types"
            + " 'tutti node approve'."
      })
  int run(@Mixin AgentFlags flags) {
    return processes.agentRun(flags.options(session));
  }

  @Command(name = "leave", description = "Forget the hub this machine belongs to.")
  int leave() {
    return processes.agentLeave(new AgentFlags().options(session));
  }

  /// Flags of every running agent.
  static final class AgentFlags {
    @Option(
        names = "--name",
        paramLabel = "NAME",
        description = "The node's name. Default: the invitation's, else this machine's.")
    private String name = "";

    @Option(
        names = "--backend",
        split = "\\s+",
        paramLabel = "URL[,slots=N][,name=X]",
        description = "An engine of this machine, besides those found; more than once if need be.")
    private List<String> backends = new ArrayList<>();

    @Option(names = "--no-discover", description = "Search for nothing.")
    private boolean noDiscover;

    AgentOptions options(Session session) {
      backends.forEach(UpCommand::checkBackend);
      return new AgentOptions(
          UpCommand.given(name), backends, !noDiscover, session.home(), session.json());
    }
  }
}
