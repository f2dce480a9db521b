package dev.tutti.link.agent;

import dev.tutti.link.trust.KeyMaterial;
import dev.tutti.link.trust.MeshId;
import dev.tutti.link.trust.Pin;
import java.util.Set;
import java.util.UUID;

/// What an agent shows its hub, and whom it believes to be its hub. To be kept where only this
/// agent reads it.
///
/// @param pins the roots that are believed; never none
public record Badge(KeyMaterial material, Set<Pin> pins) {
  /// Copies the set and checks that it is not empty.
  public Badge {
    pins = Set.copyOf(pins);
    if (pins.isEmpty()) {
      throw new IllegalArgumentException("pins: none (expected: one or two)");
    }
  }

  /// Who it is for.
  public UUID uuid() {
    if (MeshId.of(material.leaf()).orElse(null) instanceof MeshId.Node node) {
      return node.uuid();
    }
    throw new IllegalArgumentException("certificate: for something else (expected: a node's)");
  }
}
