package dev.tutti.backends;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tutti.core.MeshException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AddressKeysTest {
  private static final EngineAddress ENGINE = EngineAddress.parse("http://x:11434");

  private static AddressKeys keys(OwnerLoop loop, String machine) {
    return new AddressKeys(loop.vertx, machine);
  }

  private static InetAddress ip(String text) {
    try {
      return InetAddress.getByName(text);
    } catch (UnknownHostException failed) {
      throw new AssertionError(failed);
    }
  }

  private static AddressKeys.Local local(String... addresses) {
    var all = new java.util.LinkedHashSet<InetAddress>();
    for (String address : addresses) {
      all.add(ip(address));
    }
    return new AddressKeys.Local(all, Set.copyOf(all));
  }

  @Test
  void every_way_to_an_engine_of_this_machine_has_the_same_keys() {
    try (var loop = new OwnerLoop()) {
      var keys = keys(loop, "m1");
      var here = local("192.168.1.5", "fd00::5");
      for (String way : List.of("127.0.0.1", "::1", "192.168.1.5", "fd00::5", "127.0.1.1")) {
        assertThat(keys.keys(ENGINE, List.of(ip(way)), here))
            .as(way)
            .containsExactlyInAnyOrder("m1:11434", "192.168.1.5:11434", "fd00:0:0:0:0:0:0:5:11434");
      }
    }
  }

  @Test
  void a_hub_elsewhere_and_the_agent_there_share_a_key() {
    try (var loop = new OwnerLoop()) {
      var hub = keys(loop, "m1").keys(ENGINE, List.of(ip("192.168.1.5")), local("192.168.1.2"));
      var agent = keys(loop, "m2").keys(ENGINE, List.of(ip("127.0.0.1")), local("192.168.1.5"));
      assertThat(hub).containsExactly("192.168.1.5:11434");
      assertThat(agent).containsAll(hub);
    }
  }

  @Test
  void two_machines_ports_and_paths_differ() {
    try (var loop = new OwnerLoop()) {
      var keys = keys(loop, "m1");
      var here = local("192.168.1.2");
      var one = keys.keys(ENGINE, List.of(ip("127.0.0.1")), here);
      assertThat(keys(loop, "m2").keys(ENGINE, List.of(ip("127.0.0.1")), local("192.168.1.3")))
          .doesNotContainAnyElementsOf(one);
      assertThat(keys.keys(EngineAddress.loopback(8080), List.of(ip("127.0.0.1")), here))
          .doesNotContainAnyElementsOf(one);
      var behindProxy = EngineAddress.parse("http://x:11434/b");
      assertThat(keys.keys(behindProxy, List.of(ip("127.0.0.1")), here))
          .doesNotContainAnyElementsOf(one);
    }
  }

  @Test
  void addresses_that_many_machines_have_are_no_keys() {
    assertThat(List.of("docker0", "br-1a2b", "veth9", "virbr0", "bridge100", "utun3", "awdl0"))
        .allMatch(AddressKeys::isRepeated);
    assertThat(List.of("eth0", "enp3s0", "wlan0", "en0", "tailscale0", "wg0"))
        .noneMatch(AddressKeys::isRepeated);
  }

  @Test
  void a_host_with_countless_addresses_has_a_bounded_number_of_keys() {
    try (var loop = new OwnerLoop()) {
      var many = new java.util.ArrayList<InetAddress>();
      for (int i = 1; i <= 250; i++) {
        many.add(ip("10.0.0." + i));
      }
      assertThat(keys(loop, "m").keys(ENGINE, many, local("192.168.1.2")))
          .hasSize(AddressKeys.MAX_KEYS);
    }
  }

  @Test
  void names_are_looked_up_without_blocking_the_loop() {
    try (var loop = new OwnerLoop()) {
      var keys = keys(loop, MachineKey.read());
      Set<String> byName = loop.outcome(() -> keys.of(EngineAddress.parse("http://localhost:7")));
      Set<String> byNumber = loop.outcome(() -> keys.of(EngineAddress.loopback(7)));
      assertThat(byName).isEqualTo(byNumber).contains(MachineKey.read() + ":7");
    }
  }

  @Test
  void a_name_without_an_address_fails() {
    try (var loop = new OwnerLoop()) {
      var keys = keys(loop, "m");
      var nowhere = EngineAddress.parse("http://no-such-host.invalid");
      assertThatThrownBy(() -> keys.lookUp(nowhere))
          .isInstanceOf(MeshException.class)
          .hasMessageContaining("no address");
    }
  }

  @Test
  void a_machine_is_told_by_its_boot_and_its_network(@TempDir Path root) throws IOException {
    Path boot = root.resolve("proc/sys/kernel/random/boot_id");
    Path net = root.resolve("proc/self/ns/net");
    Files.createDirectories(boot.getParent());
    Files.createDirectories(net.getParent());
    Files.writeString(boot, "one\n");
    Files.createSymbolicLink(net, Path.of("net:[1]"));
    String first = MachineKey.read(root);
    assertThat(first).matches("[0-9a-f]{32}").isEqualTo(MachineKey.read(root));
    Files.writeString(boot, "two\n");
    String otherBoot = MachineKey.read(root);
    Files.delete(net);
    Files.createSymbolicLink(net, Path.of("net:[2]"));
    assertThat(Set.of(first, otherBoot, MachineKey.read(root))).hasSize(3);
  }

  @Test
  void without_a_boot_number_the_machine_id_serves(@TempDir Path root) throws IOException {
    Files.createDirectories(root.resolve("etc"));
    Files.writeString(root.resolve("etc/machine-id"), "a");
    String first = MachineKey.read(root);
    Files.writeString(root.resolve("etc/machine-id"), "b");
    assertThat(MachineKey.read(root)).isNotEqualTo(first);
  }
}
