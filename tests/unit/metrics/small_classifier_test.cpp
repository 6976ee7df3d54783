#include "small_classifier.hpp"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/Functions.h>

#include "support/catch.hpp"
#include "varia/draw.hpp"

using namespace varia;

namespace {

/// Images of which the class is the place of their only bright number, with noise.
metrics::LabelledImages bright_places(std::int64_t n, const std::vector<std::int64_t>& event,
                                      std::uint64_t key) {
  Draw draw(key);
  const auto labels = at::arange(n, at::kLong).remainder(3);
  auto images = 0.1 * draw.normal({n, 36});
  images.scatter_add_(1, 5 + 7 * labels.unsqueeze(1), at::ones({n, 1}));
  auto sizes = event;
  sizes.insert(sizes.begin(), n);
  return {images.view(sizes), labels};
}

}  // namespace

TEST_CASE("the small classifier learns classes of pictures and of rows") {
  for (const auto& event : {std::vector<std::int64_t>{1, 6, 6}, {4, 3, 3}, {36}}) {
    const metrics::SmallClassifier classifier(bright_places(600, event, 1), 3, 10);
    const auto others = bright_places(300, event, 2);
    CHECK(classifier.correct(others.images, others.labels) > 290);
    CHECK(classifier.features(others.images).sizes() == at::IntArrayRef({300, 64}));
    CHECK(classifier.correct(others.images, (others.labels + 1).remainder(3)) < 10);
  }
}

TEST_CASE("the small classifier is the same for the same images, and leaves no trace") {
  const auto images = bright_places(200, {1, 6, 6}, 1);
  const auto before = at::detail::getDefaultCPUGenerator().get_state();
  const at::NoGradGuard no_grad;
  const metrics::SmallClassifier first(images, 3, 2);
  CHECK(at::detail::getDefaultCPUGenerator().get_state().equal(before));
  seed_default_generator(7);
  const metrics::SmallClassifier second(images, 3, 2);
  CHECK(first.features(images.images).equal(second.features(images.images)));
  CHECK_FALSE(first.features(images.images).requires_grad());
}

TEST_CASE("a number that does not vary in training does not blow up later") {
  auto train = bright_places(200, {36}, 1);
  train.images.select(1, 0).fill_(0.5);
  const metrics::SmallClassifier classifier(train, 3, 2);
  auto others = train.images.clone();
  others.select(1, 0).fill_(0.6);
  const auto features = classifier.features(others);
  CHECK((features - classifier.features(train.images)).abs().max().item<double>() < 1);
}
