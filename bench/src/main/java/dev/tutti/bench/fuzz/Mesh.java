package dev.tutti.bench.fuzz;

import dev.tutti.core.SimulatedTime;
import dev.tutti.link.authority.Authority;
import dev.tutti.link.authority.AuthorityState;
import dev.tutti.link.trust.FreshKey;
import dev.tutti.link.trust.Seal;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// An authority in memory and a node of it, for inputs that our own encoders write. Its keys are
/// made anew with each process and open nothing.
final class Mesh {
  static final SecureRandom RANDOM = new SecureRandom();
  static final KeyPair KEY = FreshKey.make();
  private static final SimulatedTime TIME = new SimulatedTime();
  static final Instant NOW = TIME.now();
  static final Authority AUTHORITY = Authority.open(new Shelf(), "hub-1", TIME, RANDOM);
  static final Authority.Issued ISSUED =
      AUTHORITY.certify(
          UUID.fromString("00000000-0000-4000-8000-000000000001"),
          Authority.requestedKey(FreshKey.request(KEY)));

  private Mesh() {}

  private static final class Shelf implements Authority.Shelf {
    private final Seal seal = new Seal(Seal.freshKey(RANDOM), RANDOM);
    private @Nullable AuthorityState kept;

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
      return seal;
    }
  }
}
