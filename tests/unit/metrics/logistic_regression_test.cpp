#include "logistic_regression.hpp"

#include <ATen/Functions.h>

#include "support.hpp"
#include "support/catch.hpp"
#include "unit/math/support.hpp"

using namespace varia;
using namespace varia::test;

namespace {

Tensor labels() { return at::tensor(stream(60, 3, 3), at::kLong); }

Tensor points() {
  const auto i = at::arange(60, at::kDouble);
  std::vector<Tensor> columns;
  for (int d = 0; d < 3; ++d)
    columns.push_back((i * 1.3 * (d + 1)).sin() + labels().eq(d).to(at::kDouble) * 0.8);
  return at::stack(columns, 1);
}

}  // namespace

TEST_CASE("the probabilities of the linear probe are scikit-learn's") {
  // scikit-learn 1.2.1, with stream() as in support.hpp and i = arange(60):
  //   y = stream(60, 3, 3)
  //   X = stack([sin(1.3 * i * (d + 1)) + 0.8 * (y == d) for d in range(3)], 1)
  //   m = LogisticRegression(multi_class="multinomial", solver="newton-cg", tol=1e-14).fit(X, y)
  //   m.predict_proba(X[:3]), m.predict_proba([[0.5, -1, 2]]), m.score(X, y)
  const metrics::LogisticRegression probe(points(), labels(), 3);
  const auto truth =
      doubles({0.275230135884, 0.107110961951, 0.617658902165, 0.785861496291, 0.146466442562,
               0.067672061146, 0.685278380093, 0.006639514364, 0.308082105543})
          .view({3, 3});
  CHECK(number((probe.probabilities(points().slice(0, 0, 3)) - truth).abs().max()) < 1e-6);
  const auto other = doubles({0.26181867024, 0.003662451454, 0.734518878306});
  CHECK(number((probe.probabilities(doubles({0.5, -1, 2}).view({1, 3}))[0] - other).abs().max()) <
        1e-6);
  const auto right = probe.probabilities(points()).argmax(1).eq(labels()).to(at::kDouble).mean();
  CHECK(number(right) == Catch::Approx(0.6666666666666666));
}

TEST_CASE("a class without a point has probability zero, and a single class probability one") {
  const metrics::LogisticRegression gap(points(), labels() * 2, 6);
  const metrics::LogisticRegression three(points(), labels(), 3);
  const auto found = gap.probabilities(points());
  CHECK(close(found.slice(1, 0, 6, 2), three.probabilities(points())));
  CHECK(number(found.slice(1, 1, 6, 2).abs().max()) == 0);
  const metrics::LogisticRegression single(points(), at::ones_like(labels()), 2);
  CHECK(close(single.probabilities(points()).select(1, 1), at::ones({60}, at::kDouble)));
}

TEST_CASE("points that a line separates have finite weights, whatever their scale") {
  for (const double scale : {1e-3, 1.0, 1e3}) {
    const auto x = at::cat({at::arange(20, at::kDouble) + 1, -at::arange(20, at::kDouble) - 1});
    const auto y = x.gt(0).to(at::kLong);
    const metrics::LogisticRegression probe(x.unsqueeze(1) * scale, y, 2);
    const auto found = probe.probabilities(x.unsqueeze(1) * scale);
    CHECK(found.isfinite().all().item<bool>());
    CHECK(at::equal(found.argmax(1), y));
  }
}
