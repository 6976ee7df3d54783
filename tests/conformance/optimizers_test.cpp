#include <ATen/Functions.h>

#include <functional>

#include "support/catch.hpp"
#include "unit/math/support.hpp"
#include "unit/training/support.hpp"
#include "varia/error.hpp"
#include "varia/optimizer.hpp"

using namespace varia;
using namespace varia::test;
using Catch::Approx;

namespace {

using Made = std::shared_ptr<Optimizer>;

Made make(const std::string& text) {
  return training::make<Optimizer>(training::configure(registry(), "optimizer", yaml(text)), {});
}

/// A quadratic: the gradient at p is curvature * (p - target).
const std::vector<double> kCurvature = {1, 10, 0.1, 3, -2, 0.5, 7};
const std::vector<double> kTarget = {1, -2, 3, 0, 0.5, -0.1, 2};
const std::vector<double> kStart = {0, 1, -1, 2, 0.3, 5, -4};

Tensor gradient_at(const Tensor& p) {
  return (doubles(kCurvature) * (p.to(at::kDouble) - doubles(kTarget))).to(p.scalar_type());
}

void take_steps(Optimizer& optimizer, Tensor& parameter, int steps) {
  const at::NoGradGuard no_grad;
  for (int i = 0; i < steps; ++i) {
    parameter.mutable_grad() = gradient_at(parameter);
    optimizer.step();
  }
}

Tensor after(const std::string& text, at::ScalarType type, int steps = 20) {
  auto parameter = doubles(kStart).to(type);
  auto optimizer = make(text);
  optimizer->start({parameter});
  take_steps(*optimizer, parameter, steps);
  return parameter;
}

/// One element of the parameter with what an optimizer keeps of it.
struct State {
  double p, a = 0, b = 0;
};
/// The textbook's step number t, from 1, with gradient g.
using Rule = std::function<void(State& s, double g, int t)>;

Tensor by_recurrence(const Rule& rule, int steps = 20) {
  std::vector<double> result;
  for (std::size_t i = 0; i < kStart.size(); ++i) {
    State s{kStart[i]};
    for (int t = 1; t <= steps; ++t) rule(s, kCurvature[i] * (s.p - kTarget[i]), t);
    result.push_back(s.p);
  }
  return doubles(result);
}

void check(const std::string& text, const Rule& rule) {
  INFO(text);
  const auto truth = by_recurrence(rule);
  CHECK(close(after(text, at::kDouble), truth, 1e-5, 1e-7));
  CHECK(close(after(text, at::kFloat), truth, 2e-5, 1e-5));
}

void adam(State& s, double g, int t, double lr, double b1, double b2, double eps) {
  s.a = b1 * s.a + (1 - b1) * g;
  s.b = b2 * s.b + (1 - b2) * g * g;
  s.p -= lr * (s.a / (1 - std::pow(b1, t))) / (std::sqrt(s.b / (1 - std::pow(b2, t))) + eps);
}

}  // namespace

TEST_CASE("gradient descent follows its recurrence, with momentum, look-ahead and decay") {
  check("{use: sgd, lr: 0.05}", [](State& s, double g, int) { s.p -= 0.05 * g; });
  check("{use: sgd, lr: 0.05, momentum: 0.8, weight_decay: 0.1}", [](State& s, double g, int) {
    s.a = 0.8 * s.a + g + 0.1 * s.p;
    s.p -= 0.05 * s.a;
  });
  check("{use: sgd, lr: 0.02, momentum: 0.9, nesterov: true}", [](State& s, double g, int) {
    s.a = 0.9 * s.a + g;
    s.p -= 0.02 * (g + 0.9 * s.a);
  });
}

TEST_CASE("Adam follows its recurrence, with either kind of decay") {
  check("{use: adam, lr: 0.1}",
        [](State& s, double g, int t) { adam(s, g, t, 0.1, 0.9, 0.999, 1e-8); });
  check("{use: adam, lr: 0.1, beta1: 0.5, beta2: 0.9, epsilon: 0.1, weight_decay: 0.2}",
        [](State& s, double g, int t) { adam(s, g + 0.2 * s.p, t, 0.1, 0.5, 0.9, 0.1); });
  check("{use: adamw, lr: 0.1}", [](State& s, double g, int t) {
    s.p *= 1 - 0.1 * 0.01;
    adam(s, g, t, 0.1, 0.9, 0.999, 1e-8);
  });
  check("{use: adamw, lr: 0.1, weight_decay: 0.5}", [](State& s, double g, int t) {
    s.p *= 1 - 0.1 * 0.5;
    adam(s, g, t, 0.1, 0.9, 0.999, 1e-8);
  });
}

TEST_CASE("RMSprop and Adamax follow their recurrences") {
  check("{use: rmsprop, lr: 0.02, alpha: 0.9, epsilon: 1e-3, weight_decay: 0.1}",
        [](State& s, double g, int) {
          g += 0.1 * s.p;
          s.a = 0.9 * s.a + 0.1 * g * g;
          s.p -= 0.02 * g / (std::sqrt(s.a) + 1e-3);
        });
  check("{use: rmsprop, lr: 0.01, alpha: 0.9, epsilon: 0.1, centered: true}",
        [](State& s, double g, int) {
          s.a = 0.9 * s.a + 0.1 * g * g;
          s.b = 0.9 * s.b + 0.1 * g;
          s.p -= 0.01 * g / (std::sqrt(std::max(0.0, s.a - s.b * s.b)) + 0.1);
        });
  check("{use: adamax, lr: 0.05, weight_decay: 0.1}", [](State& s, double g, int t) {
    g += 0.1 * s.p;
    s.a = 0.9 * s.a + 0.1 * g;
    s.b = std::max(0.999 * s.b, std::abs(g) + 1e-8);
    s.p -= 0.05 / (1 - std::pow(0.9, t)) * s.a / s.b;
  });
}

TEST_CASE("Adam's one pass over memory equals its general path, for any length and layout") {
  for (const std::string use : {"adam, lr: 0.01, weight_decay: 0.1", "adamw, lr: 0.01"}) {
    Draw draw(1);
    const auto start = draw.normal({33, 17});
    auto dense = start.clone();
    auto turned = start.t().contiguous().t();
    // A slice of columns is not dense: it takes the general path.
    auto strided = at::zeros({33, 40}).slice(1, 3, 20);
    strided.copy_(start);
    const auto one = make("{use: " + use + "}");
    one->start({dense, turned, strided});
    const at::NoGradGuard no_grad;
    for (int i = 0; i < 20; ++i) {
      const auto gradient = draw.normal({33, 17});
      dense.mutable_grad() = gradient;
      turned.mutable_grad() = gradient.t().contiguous().t();
      strided.mutable_grad() = gradient;
      one->step();
    }
    CHECK(close(turned, dense, 1e-6, 1e-7));
    CHECK(close(strided, dense, 2e-6, 2e-7));
  }
}

TEST_CASE("parameters without a gradient stay as they are") {
  for (const auto* info : registry().list("optimizer")) {
    INFO(info->name);
    auto used = at::ones({3}), unused = at::ones({3});
    const auto optimizer = make("{use: " + info->name + "}");
    optimizer->start({unused, used});
    const at::NoGradGuard no_grad;
    for (int i = 0; i < 3; ++i) {
      used.mutable_grad() = at::ones({3});
      optimizer->step();
    }
    CHECK(at::equal(unused, at::ones({3})));
    CHECK_FALSE(at::equal(used, at::ones({3})));
  }
}

TEST_CASE("a parameter whose gradient is zero stays as it is with the least epsilon, too") {
  for (const auto* name :
       {"adam", "adamw, weight_decay: 0", "rmsprop", "rmsprop, centered: true", "adamax"}) {
    INFO(name);
    const auto optimizer_with = [&](const std::string& epsilon) {
      return make("{use: " + std::string(name) + ", epsilon: " + epsilon + "}");
    };
    auto parameter = at::ones({3});
    const auto optimizer = optimizer_with("1e-20");
    optimizer->start({parameter});
    const at::NoGradGuard no_grad;
    for (int i = 0; i < 3; ++i) {
      parameter.mutable_grad() = at::zeros({3});
      optimizer->step();
    }
    CHECK(at::equal(parameter, at::ones({3})));
    CHECK_THROWS_AS(optimizer_with("0"), ConfigError);
  }
}

TEST_CASE("an optimizer resumes from its saved state as if it had never stopped") {
  for (const auto* info : registry().list("optimizer")) {
    INFO(info->name);
    std::vector<std::string> settings = {""};
    if (info->name == "sgd") settings.emplace_back(", momentum: 0.9, nesterov: true");
    for (const auto& setting : settings) {
      const auto text = "{use: " + info->name + ", lr: 0.05" + setting + "}";
      auto whole = doubles(kStart).to(at::kFloat);
      const auto first = make(text);
      first->start({whole});
      take_steps(*first, whole, 7);
      auto resumed = whole.clone();
      const auto second = make(text);
      second->start({resumed});
      auto target = second->state();
      const auto saved = first->state();
      REQUIRE(target.size() == saved.size());
      for (const auto& [name, tensor] : saved) target.at(name).copy_(tensor);
      take_steps(*first, whole, 8);
      take_steps(*second, resumed, 8);
      CHECK(at::equal(whole, resumed));
    }
  }
}

TEST_CASE("a look-ahead without momentum is refused") {
  CHECK_THROWS_AS(make("{use: sgd, nesterov: true}"), ConfigError);
}
