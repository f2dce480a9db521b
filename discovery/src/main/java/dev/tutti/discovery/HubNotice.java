package dev.tutti.discovery;

import dev.tutti.core.MeshException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/// What a hub says about itself in the LAN.
///
/// @param hubId its name: letters, digits, `.`, `_` and `-`, 1 to 63 characters, since it becomes a
///   DNS label
/// @param version of the program, at most 32 printable characters
/// @param port where nodes dial, 1 to 65535
/// @param path of the API of nodes, with a leading slash
public record HubNotice(String hubId, String version, int port, String path) {
  /// The service's type.
  static final String TYPE = "_tutti._tcp.local.";

  /// Bytes of one value that are looked at, at most.
  static final int MAX_VALUE_BYTES = 128;

  private static final Pattern HUB_ID = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,62}");
  private static final Pattern VERSION = Pattern.compile("[A-Za-z0-9._+-]{0,32}");
  private static final Pattern PATH = Pattern.compile("/[A-Za-z0-9._/-]{0,63}");
  private static final int MAX_PORT = 65_535;
  private static final String KEY_ID = "id";
  private static final String KEY_VERSION = "v";
  private static final String KEY_PATH = "path";

  /// Checks the shapes.
  public HubNotice {
    check("hubId", hubId, HUB_ID);
    check("version", version, VERSION);
    check("path", path, PATH);
    if (port < 1 || port > MAX_PORT) {
      throw MeshException.invalid("port: " + port + " (expected: 1 to " + MAX_PORT + ")");
    }
  }

  private static void check(String what, String value, Pattern shape) {
    if (!shape.matcher(value).matches()) {
      throw MeshException.invalid(what + ": of another shape (expected: " + shape + ")");
    }
  }

  /// The values of its TXT record.
  Map<String, String> values() {
    var values = new LinkedHashMap<String, String>();
    values.put(KEY_ID, hubId);
    values.put(KEY_VERSION, version);
    values.put(KEY_PATH, path);
    return values;
  }

  /// A stranger's values.
  interface Values {
    /// The bytes under that name, empty when there are none.
    byte[] of(String name);
  }

  /// Reads what a stranger announced.
  ///
  /// @return empty unless every value has its shape
  static Optional<HubNotice> read(Values values, int port) {
    try {
      return Optional.of(
          new HubNotice(
              text(values.of(KEY_ID)),
              text(values.of(KEY_VERSION)),
              port,
              text(values.of(KEY_PATH))));
    } catch (MeshException _) {
      return Optional.empty();
    }
  }

  private static String text(byte[] bytes) {
    // A longer one has no permitted shape, whatever it holds.
    int length = Math.min(bytes.length, MAX_VALUE_BYTES);
    return new String(bytes, 0, length, StandardCharsets.US_ASCII);
  }
}
