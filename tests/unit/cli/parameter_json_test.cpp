#include "cli/results/parameter_json.hpp"

#include <nlohmann/json.hpp>

#include "cli/results/comparison_tables.hpp"
#include "cli/results/results_table.hpp"
#include "support/catch.hpp"
#include "unit/analysis/results_maker.hpp"

using namespace varia;
using cli::parameter_json;
using nlohmann::json;

namespace {

std::string text_of(const std::string& text) { return parameter_json(text).dump(); }

}  // namespace

TEST_CASE("a parameter's value is a number, a truth value, a list or text") {
  CHECK(text_of("1") == "1");
  CHECK(text_of("0.5") == "0.5");
  CHECK(text_of("1e-05") == "1e-05");
  CHECK(text_of("true") == "true");
  CHECK(text_of("relu") == R"("relu")");
  CHECK(text_of("[16, 8]") == "[16,8]");
  CHECK(text_of("[]") == "[]");
  CHECK(text_of(R"(["", NA, NaN, "nan"])") == R"(["","NA","NaN","nan"])");
  CHECK(text_of("{use: mlp_vae, latent: 2}") == R"({"latent":2,"use":"mlp_vae"})");
  CHECK(text_of(".inf") == R"(".inf")");
}

TEST_CASE("a name that looks like a number or a list stays text") {
  CHECK(text_of("007") == R"("007")");
  CHECK(text_of("1e3") == R"("1e3")");
  CHECK(text_of("[16") == R"("[16")");
  CHECK(text_of("{a") == R"("{a")");
  CHECK(parameter_json(Value::text("3")) == "3");
  CHECK(parameter_json(Value::text("true")) == "true");
  CHECK(parameter_json(std::string("[\xff]")) == std::string("[\xff]"));
  CHECK(parameter_json(std::string(100000, '[')) == std::string(100000, '['));
}

TEST_CASE("a planned value and the same value in a file are the same JSON") {
  CHECK(parameter_json(Value::real(1)) == parameter_json(std::string("1")));
  CHECK(parameter_json(Value::real(1)).dump() == "1");
  CHECK(parameter_json(Value::boolean(true)) == parameter_json(std::string("true")));
  CHECK(parameter_json(Value::text("[16, 8]")) == parameter_json(std::string("[16, 8]")));
}

TEST_CASE("show and compare print a parameter's value in the same way") {
  const analysis::MadeResults made(
      {{{{"loss.beta", 1.0}, {"model.hidden", "[16, 8]"}, {"data.shuffle", "true"}},
        0,
        {{"test/elbo", -100}}},
       {{{"loss.beta", 0.5}, {"model.hidden", "[16]"}, {"data.shuffle", "false"}},
        0,
        {{"test/elbo", -101}}}});
  const json expected = {{"loss.beta", 1}, {"model.hidden", {16, 8}}, {"data.shuffle", true}};
  const auto compared = cli::comparison_json(*made, analysis::compare(*made, {}));
  CHECK(compared["settings"][0]["setting"] == expected);
  const auto shown = cli::results_json(*made, "test/elbo", Better::neither);
  for (const auto& [key, value] : expected.items())
    CHECK(shown["trials"][0]["parameters"][key] == value);
}
