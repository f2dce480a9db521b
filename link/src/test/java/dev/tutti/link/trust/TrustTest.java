package dev.tutti.link.trust;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tutti.core.MeshException;
import dev.tutti.core.SimulatedTime;
import dev.tutti.link.MemoryShelf;
import dev.tutti.link.authority.Authority;
import dev.tutti.link.authority.Phase;
import dev.tutti.link.trust.Lifetimes.Standing;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/// What both ends compute, without a connection.
final class TrustTest {
  private static final SecureRandom RANDOM = new SecureRandom();
  private static final UUID NODE = new UUID(0x1111_2222_3333_4444L, 0x8555_6666_7777_8888L);

  private final SimulatedTime time = new SimulatedTime();
  private final MemoryShelf shelf = new MemoryShelf();
  private final Authority authority = Authority.open(shelf, "hub-1", time, RANDOM);

  private List<X509Certificate> chain() {
    return authority
        .certify(NODE, Authority.requestedKey(FreshKey.request(FreshKey.make())))
        .chain();
  }

  private Chain check(List<X509Certificate> shown, Chain.Purpose purpose) throws Exception {
    return Chain.check(shown, purpose, authority.pins()::contains, time.now());
  }

  @Test
  void a_nodes_certificate_says_who_it_is_and_lasts_a_day() throws Exception {
    Chain chain = check(chain(), Chain.Purpose.NODE);
    assertThat(chain.id()).isEqualTo(new MeshId.Node("hub-1", NODE));
    assertThat(chain.id().uri()).isEqualTo("spiffe://hub-1/node/" + NODE);
    assertThat(Duration.between(time.now(), chain.notAfter()))
        .isBetween(Lifetimes.NODE.minusSeconds(2), Lifetimes.NODE);
    assertThat(chain.root()).isEqualTo(authority.pin());
  }

  @Test
  void a_node_is_no_hub_and_a_hub_is_no_node() {
    assertThatThrownBy(() -> check(chain(), Chain.Purpose.HUB))
        .isInstanceOf(CertificateException.class)
        .hasMessageContaining("one of a hub");
    assertThatThrownBy(() -> check(authority.hub().chain(), Chain.Purpose.NODE))
        .hasMessageContaining("one of a node");
  }

  @Test
  void a_chain_that_was_put_together_is_refused() {
    var shown = chain();
    var other = Authority.open(new MemoryShelf(), "hub-1", time, RANDOM);
    X509Certificate otherRoot = other.state().current().root();
    X509Certificate otherMiddle = other.state().current().intermediate();
    assertThatThrownBy(() -> check(shown.subList(0, 2), Chain.Purpose.NODE))
        .hasMessageContaining("expected: 3");
    assertThatThrownBy(
            () -> check(List.of(shown.get(0), shown.get(1), otherRoot), Chain.Purpose.NODE))
        .hasMessageContaining("another one");
    assertThatThrownBy(
            () -> check(List.of(shown.get(0), otherMiddle, shown.get(2)), Chain.Purpose.NODE))
        .isInstanceOf(CertificateException.class);
    assertThatThrownBy(
            () -> check(List.of(shown.get(0), shown.get(0), shown.get(2)), Chain.Purpose.NODE))
        .isInstanceOf(CertificateException.class);
    assertThatThrownBy(
            () -> check(List.of(shown.get(1), shown.get(2), shown.get(2)), Chain.Purpose.NODE))
        .isInstanceOf(CertificateException.class);
  }

  @Test
  void how_a_certificate_stands_is_told_by_the_time() {
    Instant from = Instant.parse("2026-01-01T00:00:00Z");
    Instant until = from.plus(Lifetimes.NODE);
    assertThat(Lifetimes.standing(from, until, from.minusSeconds(1)))
        .isEqualTo(Standing.FROM_THE_FUTURE);
    assertThat(Lifetimes.standing(from, until, until)).isEqualTo(Standing.FRESH);
    assertThat(Lifetimes.standing(from, until, until.plusSeconds(1))).isEqualTo(Standing.GRACE);
    assertThat(Lifetimes.standing(from, until, until.plus(Lifetimes.GRACE)))
        .isEqualTo(Standing.GRACE);
    assertThat(Lifetimes.standing(from, until, until.plus(Lifetimes.GRACE).plusSeconds(1)))
        .isEqualTo(Standing.TOO_OLD);
  }

  @Test
  void a_certificate_is_due_when_two_thirds_of_its_time_are_over() {
    Instant from = Instant.parse("2026-01-01T00:00:00Z");
    Instant until = from.plus(Lifetimes.NODE);
    assertThat(Lifetimes.untilDue(Lifetimes.NODE, from, until, from))
        .isEqualTo(Duration.ofHours(16));
    assertThat(Lifetimes.untilDue(Lifetimes.NODE, from, until, from.plus(Duration.ofHours(16))))
        .isZero();
    assertThat(Lifetimes.untilDue(Lifetimes.NODE, from, until, from.minusSeconds(1))).isZero();
  }

  @Test
  void a_token_is_read_back_and_a_broken_one_is_not_quoted() {
    var token = JoinToken.fresh(authority.pin(), RANDOM);
    assertThat(JoinToken.parse(" " + token.text() + "\n")).isEqualTo(token);
    for (String broken :
        List.of("", "tutti1.x", token.text().substring(1), token.text() + "=", "tutti2.a.b.c")) {
      assertThatThrownBy(() -> JoinToken.parse(broken))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("expected")
          .hasMessageNotContaining(token.secret());
    }
  }

  @Test
  void an_id_is_read_strictly() {
    assertThat(MeshId.parse("spiffe://m/node/" + NODE)).contains(new MeshId.Node("m", NODE));
    assertThat(MeshId.parse("spiffe://m/hub/hub-1")).contains(new MeshId.Hub("m", "hub-1"));
    for (String wrong :
        List.of(
            "",
            "spiffe://m/node/bob",
            "spiffe://m/node/" + NODE + "/x",
            "spiffe://M/hub/h",
            "https://m/hub/h",
            "spiffe://m/root/h")) {
      assertThat(MeshId.parse(wrong)).isEmpty();
    }
  }

  @Test
  void what_is_sealed_opens_for_its_purpose_only_and_unchanged_only() {
    var seal = new Seal(Seal.freshKey(RANDOM), RANDOM);
    byte[] secret = "secret".getBytes(StandardCharsets.UTF_8);
    String closed = seal.close(secret, "one");
    assertThat(seal.open(closed, "one")).isEqualTo(secret);
    String changed = (closed.charAt(20) == 'A' ? "B" : "A") + closed.substring(1);
    for (String wrong : List.of(changed, "", "AAAA")) {
      assertThatThrownBy(() -> seal.open(wrong, "one"))
          .isInstanceOf(IllegalArgumentException.class);
    }
    assertThatThrownBy(() -> seal.open(closed, "two")).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new Seal(Seal.freshKey(RANDOM), RANDOM).open(closed, "one"))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void the_code_depends_on_everything_that_somebody_in_between_would_change() {
    byte[] key = FreshKey.make().getPublic().getEncoded();
    var mine = new byte[SafetyCode.NUMBER_BYTES];
    var hubs = new byte[SafetyCode.NUMBER_BYTES];
    hubs[0] = 1;
    String code = SafetyCode.of(authority.pin(), key, mine, hubs);
    assertThat(code).matches("\\d{3} \\d{3}");
    assertThat(
            Set.of(
                code,
                SafetyCode.of(new Pin("a".repeat(43)), key, mine, hubs),
                SafetyCode.of(
                    authority.pin(), FreshKey.make().getPublic().getEncoded(), mine, hubs),
                SafetyCode.of(authority.pin(), key, hubs, hubs),
                SafetyCode.of(authority.pin(), key, mine, mine)))
        .hasSizeGreaterThan(3);
    assertThat(SafetyCode.keeps(SafetyCode.commitment(mine), mine)).isTrue();
    assertThat(SafetyCode.keeps(SafetyCode.commitment(mine), hubs)).isFalse();
    assertThat(SafetyCode.keeps(SafetyCode.commitment(new byte[1]), new byte[1])).isFalse();
  }

  @Test
  void a_request_is_taken_only_from_who_has_the_key() {
    KeyPair mine = FreshKey.make();
    byte[] request = FreshKey.request(mine);
    assertThat(Authority.requestedKey(request)).isEqualTo(mine.getPublic().getEncoded());
    byte[] stolen = FreshKey.request(new KeyPair(mine.getPublic(), FreshKey.make().getPrivate()));
    byte[] cut = java.util.Arrays.copyOf(request, request.length - 3);
    for (byte[] wrong : List.of(stolen, cut, new byte[0], new byte[2_000], new byte[] {0x30, 0})) {
      assertThatThrownBy(() -> Authority.requestedKey(wrong))
          .isInstanceOf(MeshException.class)
          .hasMessageContaining("csr");
    }
  }

  @Test
  void an_authority_is_the_same_after_a_restart() {
    var again = Authority.open(shelf, "hub-1", time, RANDOM);
    assertThat(again.pin()).isEqualTo(authority.pin());
    assertThat(again.hub()).isEqualTo(authority.hub());
  }

  @Test
  void the_hubs_certificate_and_the_intermediate_are_renewed_in_time() {
    assertThat(authority.isDue()).isFalse();
    X509Certificate leaf = authority.hub().leaf();
    time.jumpWallClock(Duration.ofDays(21));
    assertThat(authority.isDue()).isTrue();
    authority.tend();
    assertThat(authority.isDue()).isFalse();
    assertThat(authority.hub().leaf()).isNotEqualTo(leaf);
    X509Certificate middle = authority.state().current().intermediate();
    time.jumpWallClock(Duration.ofDays(230));
    authority.tend();
    assertThat(authority.state().current().intermediate()).isNotEqualTo(middle);
    assertThat(authority.hub().chain().get(1))
        .isEqualTo(authority.state().current().intermediate());
  }

  @Test
  void without_the_roots_key_everything_but_a_new_intermediate_goes_on() throws Exception {
    shelf.locked = true;
    X509Certificate middle = authority.state().current().intermediate();
    time.jumpWallClock(Duration.ofDays(250));
    authority.tend();
    assertThat(authority.state().current().intermediate()).isEqualTo(middle);
    assertThat(check(chain(), Chain.Purpose.NODE).id()).isInstanceOf(MeshId.Node.class);
    assertThatThrownBy(() -> authority.onward(Instant.EPOCH))
        .isInstanceOf(IllegalStateException.class);
    assertThat(authority.state().phase()).isEqualTo(Phase.STEADY);
  }

  @Test
  void a_rotation_can_be_taken_back_step_by_step() {
    Pin old = authority.pin();
    assertThatThrownBy(() -> authority.backward(Instant.EPOCH)).isInstanceOf(MeshException.class);
    authority.onward(Instant.EPOCH);
    authority.onward(Instant.EPOCH);
    authority.onward(Instant.EPOCH);
    assertThat(authority.state().phase()).isEqualTo(Phase.HUB_MOVES);
    assertThat(authority.pin()).isNotEqualTo(old);
    assertThat(authority.backward(Instant.EPOCH).phase()).isEqualTo(Phase.NODES_MOVE);
    assertThat(authority.pin()).isEqualTo(old);
    assertThat(Pin.of(authority.hub().chain().getLast())).isEqualTo(old);
    authority.backward(Instant.EPOCH);
    assertThat(Pin.of(chain().getLast())).isEqualTo(old);
    assertThat(authority.backward(Instant.EPOCH).pins()).containsExactly(old);
  }

  @Test
  void who_has_followed_a_phase_can_be_told_whatever_the_clock_does() {
    UUID node = UUID.randomUUID();
    byte[] key = Authority.requestedKey(FreshKey.request(FreshKey.make()));
    Instant ahead = time.now().plus(Duration.ofDays(365));
    Instant introduced = authority.onward(ahead).since();
    assertThat(introduced).isAfter(ahead);
    Instant made = authority.certify(node, key).at();
    assertThat(made).isAfterOrEqualTo(introduced);
    time.jumpWallClock(Duration.ofDays(-365));
    Instant moved = authority.onward(Instant.EPOCH).since();
    assertThat(moved).isAfter(made);
    assertThat(authority.certify(node, key).at()).isAfterOrEqualTo(moved);
    assertThat(authority.backward(Instant.EPOCH).since()).isAfter(moved);
  }

  @Test
  void a_clock_that_is_put_back_after_the_start_makes_no_authority_of_the_future()
      throws Exception {
    X509Certificate middle = authority.state().current().intermediate();
    time.jumpWallClock(Duration.ofDays(-3));
    authority.tend();
    assertThat(authority.state().current().intermediate()).isEqualTo(middle);
    assertThat(check(chain(), Chain.Purpose.NODE).id()).isInstanceOf(MeshId.Node.class);
    assertThat(check(authority.hub().chain(), Chain.Purpose.HUB).id())
        .isInstanceOf(MeshId.Hub.class);
  }

  @Test
  void a_hub_that_was_met_first_is_the_only_one_believed_after() throws Exception {
    var trust = new HubTrust(Set.of(), time::now);
    trust.judge(authority.hub().chain());
    assertThat(trust.met()).contains(authority.pin());
    var other = Authority.open(new MemoryShelf(), "hub-1", time, RANDOM);
    assertThatThrownBy(() -> trust.judge(other.hub().chain()))
        .isInstanceOf(CertificateException.class);
  }

  @Test
  void a_hubs_certificate_of_another_time_is_not_believed() {
    var trust = new HubTrust(authority.pins(), time::now);
    time.jumpWallClock(Duration.ofDays(31));
    assertThatThrownBy(() -> trust.judge(authority.hub().chain()))
        .hasMessageContaining("are both clocks right?");
  }

  @Test
  void keys_and_certificates_survive_being_written_down() {
    KeyMaterial hub = authority.hub();
    assertThat(Encoded.certificate(Encoded.text(hub.leaf()))).isEqualTo(hub.leaf());
    assertThat(Encoded.key(Encoded.text(hub.key()))).isEqualTo(hub.key());
    assertThatThrownBy(() -> Encoded.key("AAAA")).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Encoded.certificate("AAAA"))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
