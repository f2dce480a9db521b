package dev.tutti.app.cli;

/// The commands that are processes of their own: the app runs them, this room only reads their
/// flags. Each returns when its process has ended, with the exit code.
public interface Processes {
  /// Runs a hub until it is told to stop.
  int up(UpOptions options);

  /// Enrols this machine at a hub with a one-use token and runs its agent.
  int agentJoin(JoinOptions options);

  /// Runs this machine's agent; one that never enrolled looks for a hub and waits for approval.
  int agentRun(AgentOptions options);

  /// Takes another program's file into the settings.
  ///
  /// @throws IllegalArgumentException naming every mistake in the file and its line
  Imported importFile(ImportOptions options);

  /// Forgets the hub this machine belongs to.
  int agentLeave(AgentOptions options);
}
