package dev.tutti.app;

import dev.tutti.link.authority.Authority;
import dev.tutti.link.authority.AuthorityState;
import dev.tutti.link.authority.Phase;
import dev.tutti.link.trust.Encoded;
import dev.tutti.link.trust.KeyMaterial;
import dev.tutti.link.trust.Seal;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// The authority in the hub's home: `authority`, and apart from it `authority-key`, which closes
/// the keys of roots and may be kept elsewhere until it is needed. Both for their owner only.
final class AuthorityFile implements Authority.Shelf {
  static final String FILE = "authority";
  static final String KEY_FILE = "authority-key";

  private static final JsonMapper JSON = JsonMapper.shared();

  private final Home home;
  private final RandomGenerator random;

  AuthorityFile(Home home, RandomGenerator random) {
    this.home = home;
    this.random = random;
  }

  @Override
  public Optional<AuthorityState> load() {
    return home.read(FILE).map(this::read);
  }

  private AuthorityState read(String text) {
    try {
      JsonNode all = JSON.readTree(text);
      JsonNode hub = all.path("hub");
      return new AuthorityState(
          all.path("mesh").stringValue(),
          phase(all.path("phase").stringValue()),
          Instant.parse(all.path("since").stringValue()),
          line(all.path("current")),
          all.path("coming").isObject() ? Optional.of(line(all.path("coming"))) : Optional.empty(),
          hub.isObject() ? Optional.of(material(hub)) : Optional.empty());
    } catch (JacksonException | IllegalArgumentException | java.time.DateTimeException broken) {
      throw new IllegalArgumentException(
          home.directory().resolve(FILE)
              + ": damaged (expected: as the hub wrote it; put a copy back, or remove it and invite"
              + " every machine anew)",
          broken);
    }
  }

  private static Phase phase(String word) {
    for (Phase phase : Phase.values()) {
      if (phase.word().equals(word)) {
        return phase;
      }
    }
    throw new IllegalArgumentException("phase: " + word + " (expected: a known one)");
  }

  private static AuthorityState.Line line(JsonNode line) {
    return new AuthorityState.Line(
        Encoded.certificate(line.path("root").stringValue()),
        line.path("sealed_root_key").stringValue(),
        Encoded.certificate(line.path("intermediate").stringValue()),
        Encoded.key(line.path("intermediate_key").stringValue()));
  }

  private static KeyMaterial material(JsonNode hub) {
    var chain = new ArrayList<java.security.cert.X509Certificate>();
    hub.path("chain").forEach(each -> chain.add(Encoded.certificate(each.stringValue())));
    return new KeyMaterial(Encoded.key(hub.path("key").stringValue()), List.copyOf(chain));
  }

  @Override
  public void save(AuthorityState state) {
    ObjectNode all = JSON.createObjectNode();
    all.put("mesh", state.mesh());
    all.put("phase", state.phase().word());
    all.put("since", state.since().toString());
    put(all.putObject("current"), state.current());
    state.coming().ifPresent(line -> put(all.putObject("coming"), line));
    state
        .hub()
        .ifPresent(material -> {
          ObjectNode hub = all.putObject("hub");
          var chain = hub.putArray("chain");
          material.chain().forEach(each -> chain.add(Encoded.text(each)));
          hub.put("key", Encoded.text(material.key()));
        });
    home.write(FILE, all.toPrettyString());
  }

  private static void put(ObjectNode into, AuthorityState.Line line) {
    into.put("root", Encoded.text(line.root()));
    into.put("sealed_root_key", line.sealedRootKey());
    into.put("intermediate", Encoded.text(line.intermediate()));
    into.put("intermediate_key", Encoded.text(line.intermediateKey()));
  }

  @Override
  public Seal rootSeal() {
    try {
      Optional<String> key = home.read(KEY_FILE);
      if (key.isEmpty() && home.read(FILE).isPresent()) {
        throw new IllegalStateException(
            home.directory().resolve(KEY_FILE)
                + ": missing (expected: there, while a root's key is needed)");
      }
      return new Seal(
          key.orElseGet(() -> home.remembered(KEY_FILE, () -> Seal.freshKey(random))), random);
    } catch (UncheckedIOException unreadable) {
      throw new IllegalStateException(unreadable.getMessage(), unreadable);
    }
  }
}
