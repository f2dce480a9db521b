package dev.tutti.app;

import dev.tutti.gateway.Gateway;
import dev.tutti.gateway.GatewayOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// How the port of clients meets the web: over TLS or not, and whose pages may use it.
///
/// @param own whether the hub makes its certificate itself
/// @param certificate a PEM file: the hub's certificate, and those that vouch for it
/// @param key a PEM file: the certificate's private key
/// @param origins web origins whose pages may use the hub with a key
/// @param names names under which the hub may be reached, beside those of a local network
record Web(
    boolean own,
    Optional<Path> certificate,
    Optional<Path> key,
    List<String> origins,
    List<String> names) {
  /// Plain, and pages of this machine only.
  static final Web PLAIN = new Web(Optional.empty(), Optional.empty(), List.of(), List.of());

  private static final Logger LOG = LoggerFactory.getLogger(Web.class);
  private static final Pattern NAME = Pattern.compile("[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?");

  private static final Pattern ORIGIN =
      Pattern.compile("https?://([a-z0-9.-]{1,253}|\\[[0-9a-f:.]{2,45}])(:[0-9]{1,5})?");

  Web {
    if (own && (certificate.isPresent() || key.isPresent())) {
      throw new IllegalArgumentException(
          "tls: own, and files (expected: one of the two, tls.own or tls.certificate and tls.key)");
    }
    origins = origins.stream().map(origin -> origin.toLowerCase(Locale.ROOT)).toList();
    for (String origin : origins) {
      if (!ORIGIN.matcher(origin).matches()) {
        throw new IllegalArgumentException(
            "origins: " + origin + " (expected: such as https://chat.example, without a path)");
      }
    }
    names = names.stream().map(name -> name.toLowerCase(Locale.ROOT)).toList();
    for (String name : names) {
      if (!NAME.matcher(name).matches()) {
        throw new IllegalArgumentException(
            "hosts: " + name + " (expected: a name such as ai.example.org, without a port)");
      }
    }
  }

  /// With a certificate from elsewhere, or none.
  Web(Optional<Path> certificate, Optional<Path> key, List<String> origins, List<String> names) {
    this(false, certificate, key, origins, names);
  }

  /// The same with the certificate that the hub made.
  Web showing(Path made, Path itsKey) {
    return new Web(false, Optional.of(made), Optional.of(itsKey), origins, names);
  }

  /// These names as a set.
  Set<String> hosts() {
    return names.stream().collect(Collectors.toUnmodifiableSet());
  }

  /// These origins as a set.
  Set<String> allowed() {
    return origins.stream().collect(Collectors.toUnmodifiableSet());
  }

  /// The files of TLS, none when the port is to be plain.
  ///
  /// @throws IllegalArgumentException when one of the two is missing or cannot be read
  Optional<GatewayOptions.Tls> tls() {
    if (certificate.isEmpty() && key.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        new GatewayOptions.Tls(readable("tls.certificate", certificate), readable("tls.key", key)));
  }

  /// Has a gateway that speaks TLS already show this certificate from now on.
  ///
  /// @param before what it was started with
  void showAt(@Nullable Gateway gateway, Web before) {
    if (gateway != null && before.tls().isPresent() && tls().isPresent()) {
      gateway
          .identify(tls().get())
          .onFailure(cause ->
              LOG.warn(
                  "The certificate was not taken; the old one is shown. cause={}",
                  cause.getMessage()));
    }
  }

  private static Path readable(String name, Optional<Path> file) {
    return file.filter(Files::isReadable)
        .orElseThrow(() ->
            new IllegalArgumentException(
                name
                    + ": "
                    + file.map(Path::toString).orElse("missing")
                    + " (expected: a PEM file that can be read, together with the other one)"));
  }
}
