#include <stdexcept>

#include "fixtures.hpp"
#include "support/catch.hpp"
#include "varia/build.hpp"

using namespace varia;
using namespace varia::test;

namespace {
struct Params final : ParamSet {
  Component<Noise> likelihood{this, "likelihood", "gaussian", "Of the data."};
  Component<Noise> prior{this, "prior", kUnset, "Of the codes."};
};
}  // namespace

TEST_CASE("a nested component is made from the parameters that its owner holds") {
  Registry registry;
  fill(registry);
  LoadContext context;
  context.registry = &registry;
  Params params;
  params.load(
      map_of({{"likelihood",
               map_of({{"use", plain("mixed")},
                       {"of", map_of({{"use", plain("gaussian")}, {"scale", plain("3")}})}})}}),
      context);
  const Build build;
  CHECK(params.likelihood.make(build)->scale() == 1.5);
  CHECK(params.likelihood.make(build) != params.likelihood.make(build));
  CHECK_THROWS_AS(params.prior.make(build), std::logic_error);
}

TEST_CASE("a component that was not loaded cannot be made") {
  const Params params;
  CHECK(message_of<std::logic_error>([&] { params.likelihood.make(Build{}); }) ==
        "parameter 'likelihood' has no likelihood to make: it is unset or was not loaded");
}

TEST_CASE("the registry makes components with and without a Build") {
  Registry registry;
  fill(registry);
  const ComponentInfo& gaussian = *registry.find("likelihood", "gaussian");
  const auto params = gaussian.make_params();
  const auto plain_one = std::static_pointer_cast<Noise>(gaussian.make_plain(*params));
  const auto built_one = std::static_pointer_cast<Noise>(gaussian.make(*params, Build{}));
  CHECK(plain_one->scale() == 1);
  CHECK(built_one->scale() == 1);
  CHECK_FALSE(registry.find("likelihood", "mixed")->make_plain);
}
