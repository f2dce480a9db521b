package dev.tutti.app;

import dev.tutti.link.agent.HubAddress;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;

/// Finds the port for agents when somebody gave the one for people: a hub says it in its answer to
/// `GET /health`.
final class NodePort {
  private static final String HEADER = "x-tutti-node-port";

  /// A hub that has not answered by then is dialled as it was given.
  private static final Duration WITHIN = Duration.ofSeconds(2);

  private NodePort() {}

  /// The address to dial. Blocks for at most {@link #WITHIN}; sends nothing but the question. An
  /// `https` address is the one for agents already, as invitations say it.
  static HubAddress of(String url) {
    HubAddress given = Membership.address(url);
    return url.startsWith("https:") ? given : asked(given);
  }

  private static HubAddress asked(HubAddress given) {
    String host = given.host().indexOf(':') >= 0 ? "[" + given.host() + "]" : given.host();
    var question =
        HttpRequest.newBuilder(URI.create("http://" + host + ":" + given.port() + "/health"))
            .timeout(WITHIN)
            .build();
    try (var client =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(WITHIN)
            .build()) {
      var answer = client.send(question, HttpResponse.BodyHandlers.discarding());
      return answer
          .headers()
          .firstValue(HEADER)
          .filter(port -> port.matches("[1-9][0-9]{0,4}"))
          .map(port -> new HubAddress(given.host(), Integer.parseInt(port)))
          .orElse(given);
    } catch (IOException _) {
      return given;
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      return given;
    }
  }
}
