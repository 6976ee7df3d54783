#include "results/names.hpp"

#include "support/catch.hpp"
#include "unit/results/results_fixtures.hpp"

using namespace varia::results;

TEST_CASE("names that become data sets are checked") {
  for (const std::string good : {"elbo", "kl_per_dim_z", "_x", "a.b-c+d", "0"}) {
    CHECK(error_of([&] { check_name("view", good); }).empty());
  }
  for (const std::string& bad :
       {std::string(), std::string("a/b"), std::string(".."), std::string("a b"),
        std::string("\xC3\xA9"), std::string("a\0b", 3), std::string(101, 'a'),
        std::string("-a")}) {
    CHECK(contains(error_of([&] { check_name("view", bad); }), "view '"));
  }
}

TEST_CASE("a metric or a parameter cannot have the name of a field of every trial") {
  CHECK(contains(error_of([&] { check_metric_name("error"); }), "metric 'error'"));
  CHECK(contains(error_of([&] { check_parameter_key("seed"); }), "parameter 'seed'"));
  CHECK(contains(error_of([&] { check_metric_name("config"); }), "metric 'config'"));
  CHECK(error_of([&] { check_parameter_key("train.seed"); }).empty());
  CHECK(error_of([&] { check_parameter_key("model.hidden[0]"); }).empty());
}

TEST_CASE("a parameter's name is checked before the trial starts") {
  const TemporaryFolder folder;
  TrialHeader header = header_of("t");
  header.parameters.push_back({"a/b", 1.0, false});
  CHECK_THROWS_AS(TrialFile(folder / "t.h5", header), varia::TrialError);
}
