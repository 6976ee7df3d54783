#include <fmt/format.h>

#include "support.hpp"

using namespace varia;
using namespace varia::experiment;
using namespace varia::experiment::testing;

namespace {

Value latent_of(const Trial& trial) { return *trial.model->find("latent"); }

Plan planned(const std::string& latent, const std::string& more = "") {
  return plan("data: {use: mnist, batch: 32}\nmodel: {use: mlp_vae, latent: {expression: \"" +
              latent + "\"}}\nloss: {use: elbo, beta: 4}\ntrain: {epochs: 8}\n" + more);
}

std::int64_t latent(const std::string& expression) {
  return latent_of(planned(expression).trials.at(0)).as_integer().value();
}

std::string error(const std::string& expression, const std::string& more = "") {
  return message_of([&] { planned(expression, more); });
}

/// Metrics of which each has a number that follows from that of the next one; the last one's is 7.
/// @param expression with {0} for the number of the next one
std::string chain(int count, const std::string& expression) {
  std::string text = "metrics: [";
  for (int i = 1; i < count; ++i)
    text += fmt::format("{{use: nll, as: m{}, samples: {{expression: \"{}\"}}}}, ", i,
                        fmt::format(fmt::runtime(expression), i + 1));
  return text + fmt::format("{{use: nll, as: m{}, samples: 7}}]\n", count);
}

}  // namespace

TEST_CASE("a number follows from others by arithmetic") {
  CHECK(latent("loss.beta * 3") == 12);
  CHECK(latent("(data.batch - 2) / (1 + train.epochs / 4)") == 10);
  CHECK(latent("2 ^ 5 + 1") == 33);
  CHECK(latent("loss.beta > 3 ? 7 : 9") == 7);
  CHECK(latent("max(loss.beta, 20, data.batch) - 1.5e1") == 17);
  CHECK(latent("round(data.batch / 3) + floor(2.9) + ceil(0.1)") == 14);
}

TEST_CASE("the values of a sweep and of the command line count, in every trial its own") {
  const auto swept = planned("loss.beta * 2", "sweep: {loss.beta: [1, 5]}\n");
  REQUIRE(swept.trials.size() == 2);
  CHECK(latent_of(swept.trials[0]).as_integer() == 2);
  CHECK(latent_of(swept.trials[1]).as_integer() == 10);
  // It is the trial that spells the number out.
  const auto spelled = plan(
      "data: {use: mnist, batch: 32}\nmodel: {use: mlp_vae, latent: 10}\n"
      "loss: {use: elbo, beta: 5}\ntrain: {epochs: 8}\n");
  CHECK(swept.trials[1].id == spelled.trials[0].id);
  CHECK(swept.trials[1].yaml().find("expression") == std::string::npos);
  const auto given = plan(kBase, {"model.latent={expression: loss.beta + 1}", "loss.beta=6"});
  CHECK(latent_of(given.trials[0]).as_integer() == 7);
}

TEST_CASE("expressions may follow from expressions, in lists of metrics, too") {
  const auto made = planned("loss.gamma + 1",
                            "sweep: {loss.gamma: [{expression: \"metrics.nll.samples / 2\"}]}\n"
                            "metrics: [{use: nll, samples: {expression: \"loss.beta * 5\"}}]\n");
  CHECK(latent_of(made.trials[0]).as_integer() == 11);
  CHECK(made.trials[0].metrics->front().params.find("samples")->as_integer() == 20);
}

TEST_CASE("an expression that many others name is evaluated once") {
  // There are 2^60 ways from the first to the last one.
  const auto made =
      planned("metrics.m1.samples", chain(60, "(metrics.m{0}.samples + metrics.m{0}.samples) / 2"));
  CHECK(latent_of(made.trials[0]).as_integer() == 7);
}

TEST_CASE("a chain of expressions has a longest one") {
  const std::string one_more = "metrics.m{0}.samples + 1";
  CHECK(latent_of(planned("metrics.m1.samples", chain(64, one_more)).trials[0]).as_integer() == 70);
  CHECK(error("metrics.m1.samples", chain(1000, one_more))
            .find("is the last of a chain of more than 64 expressions") != std::string::npos);
}

TEST_CASE("what is wrong with an expression is said at its place") {
  CHECK(error("loss.beta * ")
            .find("model.latent: the expression 'loss.beta * ' "
                  "cannot be read: ") != std::string::npos);
  CHECK(error("loss.bta + 1")
            .find("names 'loss.bta', which this experiment does not give. Did you "
                  "mean 'loss.beta'? Known: data.batch, loss.beta, model.latent, "
                  "train.epochs.") != std::string::npos);
  CHECK(error("loss.use").find("needs a number for 'loss.use', and finds 'elbo'") !=
        std::string::npos);
  CHECK(error("loss").find("needs a number for 'loss', and finds a map") != std::string::npos);
  CHECK(error("1 / 0").find("is .inf") != std::string::npos);
  CHECK(error("seed").find("names 'seed'") != std::string::npos);
  CHECK(error("model.latent").find("follows from itself, by model.latent") != std::string::npos);
  CHECK(error("loss.beta / 3").find("latent: expected a whole number") != std::string::npos);
  // Of lists, the entries of metrics and views alone have names.
  CHECK(error("model.hidden.16 + 1", "sweep: {model.hidden: [[16, 16]]}\n")
            .find("names 'model.hidden.16', which this experiment does not give. Known: "
                  "data.batch, loss.beta, model.latent, train.epochs.") != std::string::npos);
  CHECK(error("").find("expected a text of 1 to 1000 bytes") != std::string::npos);
  CHECK(error(std::string(2000, '1')).find("expected a text of 1 to 1000 bytes") !=
        std::string::npos);
  CHECK(error(std::string(990, '(')).find("cannot be read") != std::string::npos);
}
