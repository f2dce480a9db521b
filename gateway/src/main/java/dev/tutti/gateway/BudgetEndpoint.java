package dev.tutti.gateway;

import static io.vertx.core.http.HttpMethod.GET;

import dev.tutti.access.Spending;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// `/mesh/v1/budget`: what the cloud has cost this month, for everybody to see. Owner loop only.
final class BudgetEndpoint {
  private static final double MICRO = 1e6;
  private static final double CENTS = 100;

  private final GatewayParts parts;

  BudgetEndpoint(GatewayParts parts) {
    this.parts = parts;
  }

  List<Route> routes() {
    return List.of(new Route(GET, "/mesh/v1/budget", Route.Access.KNOWN, this::show));
  }

  private void show(Exchange exchange) {
    Instant now = parts.time().now();
    Admission admission = parts.admission();
    Spending spending = admission.spending();
    var map = new LinkedHashMap<String, Object>();
    map.put("month", Spending.monthOf(now));
    map.put("spent_eur", spending.total(now) / MICRO);
    admission.budgetCents().ifPresent(cents -> map.put("budget_eur", cents / CENTS));
    var own = new LinkedHashMap<String, Object>();
    own.put("principal", exchange.principal());
    own.put("spent_eur", spending.of(exchange.principal(), now) / MICRO);
    var quota = exchange.who().rights().quota();
    if (quota.hasBudget()) {
      own.put("budget_eur", quota.budgetCents() / CENTS);
    }
    map.put("own", own);
    if (exchange.administrator()) {
      Map<String, Object> all = new TreeMap<>();
      spending.all(now).forEach((name, micro) -> all.put(name, micro / MICRO));
      map.put("by_principal", all);
    }
    exchange.json(200, map);
  }
}
