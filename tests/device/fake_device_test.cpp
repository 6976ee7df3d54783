#include "conformance/fake_device.hpp"

#include <ATen/Functions.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/catch.hpp"
#include "varia/tensor.hpp"

using namespace varia;
using namespace varia::conformance;

namespace {

const at::Device kFake(kFakeDevice);

}  // namespace

TEST_CASE("the fake device computes what the CPU does") {
  add_fake_device();
  const auto x = at::arange(12, at::kFloat).reshape({3, 4});
  const auto y = x.to(kFake);
  CHECK(y.device().type() == kFake.type());
  CHECK(at::equal(y.t().select(0, 1).to(at::kCPU), x.t().select(0, 1)));
  CHECK(at::equal((y.matmul(y.t()) + 1).to(at::kCPU), x.matmul(x.t()) + 1));
  auto z = at::zeros({2, 4}, y.options());
  z.copy_(y.slice(0, 1));
  z.add_(y.slice(0, 0, 2));
  CHECK(at::equal(z.to(at::kCPU), x.slice(0, 1) + x.slice(0, 0, 2)));
  CHECK(y.sum().item<float>() == 66);
}

TEST_CASE("the fake device differentiates") {
  add_fake_device();
  const auto x = at::ones({3}).to(kFake).requires_grad_();
  (x * x).sum().backward();
  CHECK(at::equal(x.grad().to(at::kCPU), at::full({3}, 2.0F)));
}

TEST_CASE("the fake device counts reads, and names what mixes devices") {
  add_fake_device();
  const auto x = at::ones({3}).to(kFake);
  reset_fake_device_use();
  const auto sum = (x + x).sum();
  CHECK(fake_device_use().operators == 2);
  CHECK(fake_device_use().reads == 0);
  CHECK(fake_device_use().waits == 0);
  at::ones({3}).to(kFake, /*non_blocking=*/true);
  CHECK(fake_device_use().waits == 0);
  at::ones({3}).to(kFake);
  CHECK(fake_device_use().waits == 1);
  CHECK(sum.item<float>() == 6);
  CHECK(fake_device_use().reads == 1);
  CHECK(fake_device_use().mixed.empty());
  CHECK_THROWS(x.add(at::ones({3})));
  x.index_select(0, at::arange(2, at::kLong));
  CHECK(fake_device_use().mixed == std::vector<std::string>{"aten::index_select"});
}

TEST_CASE("memory of the fake device cannot be read past its operators") {
  add_fake_device();
  const auto x = at::ones({3}).to(kFake);
  const auto read_it_in_a_child = [&](bool explained) {
    const auto child = ::fork();
    if (child == 0) {
      ::signal(SIGSEGV, SIG_DFL);
      ::close(STDOUT_FILENO);
      if (explained) explain_access(7);
      ::_exit(x.data_ptr<float>()[0] == 1 ? 0 : 1);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    return status;
  };
  CHECK(WIFSIGNALED(read_it_in_a_child(false)));
  const auto status = read_it_in_a_child(true);
  CHECK(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 7);
}
