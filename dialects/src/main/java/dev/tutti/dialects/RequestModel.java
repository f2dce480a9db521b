package dev.tutti.dialects;

import dev.tutti.core.Failure;
import dev.tutti.core.FailureCode;
import dev.tutti.core.MeshException;
import dev.tutti.core.ModelName;
import dev.tutti.core.Retry;

/// The `model` of a request: that it can be a name at all, and the words for one nobody has.
public final class RequestModel {
  private RequestModel() {}

  /// That no node ever had this model, in the words clients of both dialects look for.
  public static Failure notFound(String model) {
    return Failure.of(FailureCode.NOT_FOUND, Retry.POINTLESS, "model '" + model + "' not found");
  }

  static String checked(String model) {
    try {
      new ModelName(model);
      return model;
    } catch (IllegalArgumentException e) {
      throw new MeshException(Failure.invalid("model: " + e.getMessage()), e);
    }
  }
}
