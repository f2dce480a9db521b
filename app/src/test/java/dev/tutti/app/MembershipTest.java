package dev.tutti.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tutti.core.NodeId;
import dev.tutti.link.agent.Badge;
import dev.tutti.link.authority.Authority;
import dev.tutti.link.trust.Encoded;
import dev.tutti.link.trust.FreshKey;
import dev.tutti.link.trust.KeyMaterial;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MembershipTest {
  @TempDir private Path folder;

  @ParameterizedTest
  @CsvSource({
    "http://192.168.1.10:8766, 192.168.1.10, 8766",
    "http://bob.local, bob.local, 8766",
    "bob:9000, bob, 9000",
    "https://bob:9000/, bob, 9000",
    "http://[fd00::1]:8766, fd00::1, 8766",
  })
  void an_address_is_read(String text, String host, int port) {
    var address = Membership.address(text);
    assertThat(address.host()).isEqualTo(host);
    assertThat(address.port()).isEqualTo(port);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "http://", "http://a:b", "a:1:2", "http://bob:99999"})
  void what_is_no_address_is_refused(String text) {
    assertThatThrownBy(() -> Membership.address(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("expected");
  }

  @Test
  void a_membership_survives_a_restart_and_does_not_show_its_key() throws Exception {
    Home home = new Home(folder.resolve("agent")).create();
    assertThat(Membership.read(home)).isEmpty();
    var hub = new Home(folder.resolve("hub")).create();
    var authority =
        Authority.open(
            new AuthorityFile(hub, new SecureRandom()),
            "hub-1",
            new WallTime(),
            new SecureRandom());
    var pair = FreshKey.make();
    var issued =
        authority.certify(UUID.randomUUID(), Authority.requestedKey(FreshKey.request(pair)));
    var badge = new Badge(new KeyMaterial(pair.getPrivate(), issued.chain()), issued.pins());
    var membership = new Membership(Membership.address("bob:9000"), new NodeId("virtuoso"), badge);
    membership.write(home);
    assertThat(Membership.read(home)).contains(membership);
    assertThat(membership.toString()).doesNotContain(Encoded.text(pair.getPrivate()));
    assertThat(Files.getPosixFilePermissions(home.directory().resolve("membership")))
        .isEqualTo(PosixFilePermissions.fromString("rw-------"));
    Membership.forget(home);
    assertThat(Membership.read(home)).isEmpty();
  }

  @Test
  void what_an_older_version_remembered_does_not_count() {
    Home home = new Home(folder.resolve("agent")).create();
    home.write("membership", "bob 8766 virtuoso credential");
    assertThat(Membership.read(home)).isEmpty();
  }

  @Test
  void a_damaged_membership_says_what_would_help() {
    Home home = new Home(folder.resolve("agent")).create();
    home.write("membership", "hub bob 8766\nnode virtuoso");
    assertThatThrownBy(() -> Membership.read(home)).hasMessageContaining("agent leave");
  }
}
