package dev.tutti.app;

import java.nio.file.Path;

/// Settings of hubs in tests: the usual ones on free ports, looking for nobody.
final class TestSettings {
  private static final String QUIET =
      """
      port: 0
      node-port: 0
      grpc-port: 0
      discover: false
      node-name: bob
      """;

  private TestSettings() {}

  /// The quiet ones and what else `tutti.yaml` would say.
  static Settings of(String... lines) {
    return SettingsFile.parse("test", QUIET + String.join("\n", lines)).over(Settings.DEFAULTS);
  }

  /// A line that names a backend.
  static String backend(String spec) {
    return "backends: [ \"" + spec + "\" ]";
  }

  /// Lines for TLS.
  static String tls(Path certificate, Path key) {
    return "tls: { certificate: \"" + certificate + "\", key: \"" + key + "\" }";
  }
}
