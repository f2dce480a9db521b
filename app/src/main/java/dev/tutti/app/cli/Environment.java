package dev.tutti.app.cli;

import dev.tutti.core.Time;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// What a command may know of its machine.
///
/// @param variables the environment variables
/// @param userHome the home directory of whoever runs the command
/// @param osName the operating system as Java names it
/// @param proc where Linux shows its sockets and processes
/// @param java the running Java
/// @param time for durations, and for the clock's own check
public record Environment(
    Map<String, String> variables,
    Path userHome,
    String osName,
    Path proc,
    Runtime.Version java,
    Time time) {
  private static final String PREFIX = "TUTTI_";

  /// Copies the map.
  public Environment {
    variables = Map.copyOf(variables);
  }

  /// The environment of this process.
  public static Environment ofProcess(Time time) {
    return new Environment(
        System.getenv(),
        Path.of(System.getProperty("user.home")),
        System.getProperty("os.name"),
        Path.of("/proc"),
        Runtime.version(),
        time);
  }

  /// A variable that is set to more than blanks.
  Optional<String> variable(String name) {
    return Optional.ofNullable(variables.get(name)).filter(value -> !value.isBlank());
  }

  /// The variable that stands in for an option: `--node-port` is `TUTTI_NODE_PORT`.
  Optional<String> forOption(String option) {
    return variable(
        PREFIX + option.replaceFirst("^-+", "").replace('-', '_').toUpperCase(Locale.ROOT));
  }

  /// Where all state lives unless told: `TUTTI_HOME`, else the system's own place for it.
  public Path home() {
    return variable("TUTTI_HOME").map(Path::of).orElseGet(this::defaultHome);
  }

  private Path defaultHome() {
    if (osName.startsWith("Mac")) {
      return userHome.resolve("Library/Application Support/tutti");
    }
    return variable("XDG_STATE_HOME")
        .map(Path::of)
        .filter(Path::isAbsolute)
        .orElseGet(() -> userHome.resolve(".local/state"))
        .resolve("tutti");
  }

  boolean isLinux() {
    return osName.startsWith("Linux");
  }

  /// Whether output to a person may be coloured; `NO_COLOR` and a dumb terminal forbid it.
  boolean allowsColor() {
    return variable("NO_COLOR").isEmpty() && !variables.getOrDefault("TERM", "").equals("dumb");
  }
}
