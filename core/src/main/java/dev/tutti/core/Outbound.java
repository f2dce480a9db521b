package dev.tutti.core;

import java.net.InetAddress;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/// Where somebody may send us, by who says so. Whoever connects asks twice: about the host as it is
/// written, before anybody looks it up; and about each address it has, before one of them is
/// connected to. Then the very address that was asked about is connected to.
public enum Outbound {
  /// The owner names an engine: their own machines and the internet.
  ENGINE,
  /// Something on the network says of itself that it is a hub.
  NEIGHBOUR,
  /// A client names a page or a picture.
  WORLD;

  private static final Set<String> METADATA_NAMES =
      Set.of("metadata", "metadata.google.internal", "metadata.goog", "instance-data");

  /// Ends of names that only mean something at home.
  private static final List<String> HOME_NAMES =
      List.of(
          "localhost", "local", "internal", "intranet", "lan", "home", "home.arpa", "localdomain");

  /// Why this host is not asked, judged by how it is written; empty when nothing speaks against it
  /// so far.
  public Optional<String> objectionTo(String host) {
    String plain = host.endsWith(".") ? host.substring(0, host.length() - 1) : host;
    String name = plain.toLowerCase(Locale.ROOT);
    Optional<InetAddress> literal = Address.literal(name);
    if (literal.isPresent()) {
      return objectionTo(literal.get());
    }
    if (Address.isAmbiguous(name)) {
      return Optional.of("an address in a form that is read in more than one way");
    }
    if (METADATA_NAMES.contains(name)) {
      return Optional.of("a cloud's metadata service");
    }
    if (this == WORLD && isOfHome(name)) {
      return Optional.of("a name that leads home");
    }
    return Optional.empty();
  }

  /// Why this address is not connected to; empty when it may be.
  public Optional<String> objectionTo(InetAddress address) {
    Address.Sort sort = Address.sort(address);
    if (allows(sort)) {
      return Optional.empty();
    }
    return Optional.of(
        switch (sort) {
          case LOOPBACK -> "an address of this machine";
          case PRIVATE -> "an address of a private network";
          case LINK_LOCAL -> "a link-local address";
          case METADATA -> "a cloud's metadata service";
          case NOBODY -> "an address that belongs to no single machine";
          case PUBLIC -> "an address outside of the private networks";
        });
  }

  private boolean allows(Address.Sort sort) {
    return switch (sort) {
      case LOOPBACK, PRIVATE -> this != WORLD;
      case PUBLIC -> this != NEIGHBOUR;
      case LINK_LOCAL, METADATA, NOBODY -> false;
    };
  }

  private static boolean isOfHome(String name) {
    return name.indexOf('.') < 0
        || HOME_NAMES.stream().anyMatch(end -> name.equals(end) || name.endsWith("." + end));
  }
}
