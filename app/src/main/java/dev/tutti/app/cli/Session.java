package dev.tutti.app.cli;

import dev.tutti.core.Secret;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/// What the commands of one command line share. The flags are read when a command asks, after they
/// have been parsed.
final class Session {
  /// Where a hub that needs keys leaves one for the command line of its own machine.
  static final String KEY_FILE = "cli-key";

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
    Path certificate = home().resolve(UpOptions.CERTIFICATE_FILE);
    if (!Files.isReadable(certificate)) {
      return new HubClient(HubClient.address(root.url), key());
    }
    // The default is this machine's hub, and that one speaks TLS.
    String url =
        root.url.equals(RootCommand.DEFAULT_URL)
            ? root.url.replaceFirst("^http:", "https:")
            : root.url;
    return new HubClient(
        HubClient.address(url), key(), Optional.of(PinnedTrust.context(certificate)));
  }

  /// The key that was given, else the one that a hub of this home left for the command line.
  private Secret key() {
    Path file = home().resolve(KEY_FILE);
    if (root.key.isEmpty() && Files.isReadable(file)) {
      return Secrets.ofFile(file);
    }
    return Secrets.read(root.key, environment);
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
