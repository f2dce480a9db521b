package dev.tutti.testkit.chaos;

/// What can be done to a machine of a mesh.
public enum Harm {
  /// SIGKILL to what serves there.
  KILL(false),
  /// SIGSTOP: connections stay open, nothing answers.
  STOP(false),
  /// The cable is pulled.
  UNPLUG(true),
  /// What the machine sends to the hub is lost; what the hub sends arrives.
  MUTE(true),
  /// What the hub sends to the machine is lost; what the machine sends arrives.
  DEAF(true);

  private final boolean ofCables;

  Harm(boolean ofCables) {
    this.ofCables = ofCables;
  }

  /// Whether it needs machines that have cables.
  public boolean ofCables() {
    return ofCables;
  }

  /// Whether nobody is told: the other side only hears nothing more.
  public boolean isSilent() {
    return this != KILL;
  }
}
