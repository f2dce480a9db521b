package dev.tutti.gateway;

import dev.tutti.access.Key;
import dev.tutti.access.KeyWish;
import dev.tutti.access.Sha256;
import io.vertx.core.Future;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;

/// Notes what is wished for.
final class FakeKeyAdmin implements KeyAdmin {
  final List<KeyWish> wishes = new CopyOnWriteArrayList<>();

  @Override
  public List<Key> keys() {
    return List.of(TestKeys.owner("ann"));
  }

  @Override
  public Optional<Key> key(String nameOrId) {
    return keys().stream().filter(key -> key.name().equals(nameOrId)).findFirst();
  }

  @Override
  public Future<Made> make(KeyWish wish, String by) {
    wishes.add(wish);
    var key =
        new Key(
            "new",
            wish.name(),
            Sha256.hex("new"),
            wish.rights(),
            wish.address(),
            Instant.EPOCH,
            wish.expiresAt(),
            Optional.empty(),
            Optional.empty());
    return Future.succeededFuture(new Made(key, Optional.of(TestKeys.token("new"))));
  }

  @Override
  public Future<Key> revoke(String nameOrId, String by) {
    return key(nameOrId)
        .<Future<Key>>map(key -> Future.succeededFuture(key.revoked(Instant.EPOCH)))
        .orElseGet(() -> Future.failedFuture(Names.unknown("key")));
  }
}
