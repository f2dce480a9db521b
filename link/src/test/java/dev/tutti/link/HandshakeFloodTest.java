package dev.tutti.link;

import static dev.tutti.link.TestMesh.NODE;
import static dev.tutti.link.TestMesh.SOON;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tutti.core.NodeId;
import dev.tutti.fleet.NodeRole;
import dev.tutti.link.agent.AgentEnrolment;
import dev.tutti.link.agent.HubAddress;
import dev.tutti.link.trust.JoinToken;
import dev.tutti.testkit.Eventually;
import dev.tutti.testkit.Trusting;
import io.vertx.core.Context;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// A crowd at the agents' port that never says who it is: its numbers are bounded, and honest
/// agents come and stay beside it. Real sockets.
final class HandshakeFloodTest {
  /// The first bytes of a ClientHello whose rest never comes.
  private static final byte[] HALF_A_HELLO = {0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00};

  private final TestMesh mesh = TestMesh.start();
  private final List<SocketChannel> crowd = new ArrayList<>();
  private final List<Socket> strangers = new ArrayList<>();

  @BeforeEach
  void a_node_is_there() {
    mesh.agent(1);
  }

  @AfterEach
  void close() throws IOException {
    for (SocketChannel each : crowd) {
      each.close();
    }
    for (Socket each : strangers) {
      each.close();
    }
    mesh.close();
  }

  @Test
  void handshakes_that_never_end_take_only_their_own_address_s_share() throws IOException {
    for (int i = 0; i < LinkLimits.MAX_HANDSHAKES_PER_ADDRESS + 200; i++) {
      open("127.0.0.1", i % 2 == 0 ? new byte[0] : HALF_A_HELLO);
    }
    Eventually.until(
        "room was made", SOON, () -> stillOpen() == LinkLimits.MAX_HANDSHAKES_PER_ADDRESS);
    anHonestAgentJoins();
  }

  @Test
  void handshakes_of_many_addresses_are_bounded_together() throws IOException {
    int each = LinkLimits.MAX_HANDSHAKES_PER_ADDRESS - 1;
    int addresses = LinkLimits.MAX_HANDSHAKES / each + 2;
    for (int i = 0; i < each; i++) {
      for (int address = 0; address < addresses; address++) {
        open("127.0.0." + (10 + address), new byte[0]);
      }
    }
    Eventually.until("room was made", SOON, () -> stillOpen() == LinkLimits.MAX_HANDSHAKES);
    anHonestAgentJoins();
  }

  @Test
  void strangers_that_end_their_handshake_and_say_nothing_more_keep_nobody_out()
      throws IOException {
    for (int i = 0; i < LinkLimits.MAX_STRANGERS_PER_ADDRESS + 8; i++) {
      strangers.add(handshake());
    }
    Eventually.until(
        "room was made", SOON, () -> unclosed() <= LinkLimits.MAX_STRANGERS_PER_ADDRESS);
    anHonestAgentJoins();
  }

  private void anHonestAgentJoins() {
    var name = new NodeId("honest");
    String token =
        TestMesh.on(mesh.owner, () -> mesh.enrolment.invite(name, NodeRole.LLM_WORKER).token());
    Context loop = mesh.loop();
    var enrolment =
        TestMesh.on(
            loop,
            () ->
                AgentEnrolment.start(
                    mesh.vertx,
                    new HubAddress("127.0.0.1", mesh.hub.port()),
                    new AgentEnrolment.Wish(
                        "", Optional.of(JoinToken.parse(token)), "machine-2", "host", "1"),
                    new LoopTime(loop, mesh.agentShift),
                    new SecureRandom(),
                    _ -> {}));
    assertThat(TestMesh.await(enrolment.outcome()).node()).isEqualTo(name);
    assertThat(mesh.heard.lines).noneMatch(line -> line.equals("disconnected " + NODE));
    assertThat(mesh.heard.slots).hasValue(1);
  }

  private void open(String from, byte[] says) throws IOException {
    var channel = SocketChannel.open();
    crowd.add(channel);
    try {
      channel.bind(new InetSocketAddress(InetAddress.ofLiteral(from), 0));
    } catch (IOException notHere) {
      assumeTrue(false, "no second loopback address: " + notHere.getMessage());
    }
    channel.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), mesh.hub.port()));
    channel.write(ByteBuffer.wrap(says));
    channel.configureBlocking(false);
  }

  private long stillOpen() {
    return crowd.stream().filter(HandshakeFloodTest::isOpen).count();
  }

  /// Nothing is ever said to it, so that whatever can be read is an end.
  private static boolean isOpen(SocketChannel channel) {
    try {
      return channel.read(ByteBuffer.allocate(1)) == 0;
    } catch (IOException _) {
      return false;
    }
  }

  private SSLSocket handshake() throws IOException {
    var socket =
        (SSLSocket)
            Trusting.context()
                .getSocketFactory()
                .createSocket(InetAddress.getLoopbackAddress(), mesh.hub.port());
    var parameters = socket.getSSLParameters();
    parameters.setApplicationProtocols(new String[] {"h2"});
    socket.setSSLParameters(parameters);
    socket.startHandshake();
    // The preface of HTTP/2 and empty settings (RFC 9113, section 3.4).
    socket
        .getOutputStream()
        .write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
    socket.getOutputStream().write(new byte[] {0, 0, 0, 4, 0, 0, 0, 0, 0});
    socket.getOutputStream().flush();
    socket.setSoTimeout(50);
    return socket;
  }

  private long unclosed() {
    strangers.removeIf(HandshakeFloodTest::isOver);
    return strangers.size();
  }

  private static boolean isOver(Socket socket) {
    try {
      while (socket.getInputStream().read() >= 0) {
        // The hub's settings and pings.
      }
      return true;
    } catch (SocketTimeoutException _) {
      return false;
    } catch (IOException _) {
      return true;
    }
  }
}
