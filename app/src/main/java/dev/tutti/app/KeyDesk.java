package dev.tutti.app;

import dev.tutti.access.Key;
import dev.tutti.access.KeyWish;
import dev.tutti.gateway.KeyAdmin;
import io.vertx.core.Context;
import io.vertx.core.Future;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/// The keys, for those who ask on the owner's loop and want their answer there.
final class KeyDesk implements KeyAdmin {
  private final Keys keys;
  private final Context loop;

  KeyDesk(Keys keys, Context loop) {
    this.keys = keys;
    this.loop = loop;
  }

  @Override
  public List<Key> keys() {
    return keys.all();
  }

  @Override
  public Optional<Key> key(String nameOrId) {
    return keys.find(nameOrId);
  }

  @Override
  public Future<Made> make(KeyWish wish, String by) {
    return here(keys.make(wish, by));
  }

  @Override
  public Future<Key> revoke(String nameOrId, String by) {
    return here(keys.revoke(nameOrId, by));
  }

  private <T> Future<T> here(CompletableFuture<T> coming) {
    return Future.fromCompletionStage(coming, loop);
  }
}
