package dev.tutti.app.cli;

import java.nio.file.Path;

/// What the commands of one command line share. The flags are read when a command asks, after they
/// have been parsed.
final class Session {
  private final RootCommand root;
  private final Environment environment;
  private final Streams streams;

  Session(RootCommand root, Environment environment, Streams streams) {
    this.root = root;
    this.environment = environment;
    this.streams = streams;
  }

  /// A client of the hub that the flags name.
  HubClient hub() {
    return new HubClient(HubClient.address(root.url), root.key);
  }

  Output output() {
    var look = colored() ? Output.Look.COLOR : Output.Look.PLAIN;
    return new Output(streams, json() ? Output.Form.JSON : Output.Form.TABLE, look);
  }

  boolean json() {
    return root.json;
  }

  boolean colored() {
    return streams.terminal() && environment.allowsColor();
  }

  Path home() {
    return root.home.isEmpty() ? environment.home() : Path.of(root.home);
  }

  Environment environment() {
    return environment;
  }

  Streams streams() {
    return streams;
  }
}
