package dev.tutti.link;

import dev.tutti.link.authority.Authority;
import dev.tutti.link.authority.AuthorityState;
import dev.tutti.link.trust.Seal;
import java.security.SecureRandom;
import java.util.Optional;
import org.jspecify.annotations.NullUnmarked;

/// An authority's shelf in memory.
@NullUnmarked
public final class MemoryShelf implements Authority.Shelf {
  private final Seal seal = new Seal(Seal.freshKey(new SecureRandom()), new SecureRandom());
  public volatile AuthorityState kept;
  public volatile boolean locked;

  @Override
  public Optional<AuthorityState> load() {
    return Optional.ofNullable(kept);
  }

  @Override
  public void save(AuthorityState state) {
    kept = state;
  }

  @Override
  public Seal rootSeal() {
    if (locked) {
      throw new IllegalStateException("root key: away (expected: here)");
    }
    return seal;
  }
}
