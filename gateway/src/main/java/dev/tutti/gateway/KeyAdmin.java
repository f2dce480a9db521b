package dev.tutti.gateway;

import dev.tutti.access.Key;
import dev.tutti.access.KeyWish;
import io.vertx.core.Future;
import java.util.List;
import java.util.Optional;

/// The keeping of keys, as the mesh API offers it. Called on the owner's loop; answers come on it.
/// What a future fails with is a {@link dev.tutti.core.MeshException}, whose failure the client is
/// told.
public interface KeyAdmin {
  /// Every key, revoked ones too, the oldest first.
  List<Key> keys();

  /// A key by its public part or its name.
  Optional<Key> key(String nameOrId);

  /// Makes a key.
  ///
  /// @param by the name of who does it
  Future<Made> make(KeyWish wish, String by);

  /// Revokes a key by its public part or its name.
  ///
  /// @param by the name of who does it
  Future<Key> revoke(String nameOrId, String by);

  /// A key that was just made.
  ///
  /// @param token the key itself, shown this once; empty for an address
  record Made(Key key, Optional<String> token) {}
}
