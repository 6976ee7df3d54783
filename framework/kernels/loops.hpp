#pragma once

#include "kernels/kernels.hpp"

/// The loops of the table `Kernels`, declared for one instruction set, whose namespace is
/// VARIA_LOOPS; kernels.hpp documents them. They call only functions that are inlined, since the
/// linker would keep the copy of one instruction set for all.
namespace varia::kernels::VARIA_LOOPS {

void bernoulli_log_prob(const float* logits, const float* value, float* result, std::int64_t rows,
                        std::int64_t value_rows, std::int64_t columns);

void bernoulli_log_prob_backward(const float* logits, const float* value, const float* outer,
                                 float* gradient, std::int64_t rows, std::int64_t value_rows,
                                 std::int64_t columns);

void weighted_error(Error error, const float* mean, const float* value, const float* weight,
                    float* result, std::int64_t rows, std::int64_t value_rows,
                    std::int64_t columns);

void weighted_error_backward(Error error, const float* mean, const float* value,
                             const float* weight, const float* outer, float* mean_gradient,
                             float* weight_gradient, std::int64_t rows, std::int64_t value_rows,
                             std::int64_t columns);

void kl_to_unit_normal(Rows mean, Rows log_var, float* result, std::int64_t rows,
                       std::int64_t columns);

void kl_to_unit_normal_backward(Rows mean, Rows log_var, const float* outer, float* mean_gradient,
                                float* log_var_gradient, std::int64_t rows, std::int64_t columns);

void normal_draw(Rows mean, Rows log_var, const float* noise, float* result, std::int64_t rows,
                 std::int64_t columns);

void normal_draw_backward(Rows log_var, const float* noise, const float* outer,
                          float* log_var_gradient, std::int64_t rows, std::int64_t columns);

void add_bias_and_activate(Activation activation, float* values, const float* bias,
                           std::int64_t rows, std::int64_t columns);

void add_bias_and_activate_backward(Activation activation, const float* values, const float* outer,
                                    float* gradient, float* bias_gradient, std::int64_t rows,
                                    std::int64_t columns);

void gather_patches(const Patches& patches, const float* images, float* rows, std::int64_t count);

void scatter_patches(const Patches& patches, const float* rows, float* images, std::int64_t count);

std::int64_t count_nonzero(const float* values, std::int64_t count);

bool all_finite(const float* values, std::int64_t count);

double sum(const float* values, std::int64_t count);

void adam_step(float* parameter, const float* gradient, float* mean, float* square,
               std::int64_t count, const AdamFactors& factors);

void sparse_product(const Matrix& a, const float* b, float* result, std::int64_t m, std::int64_t n,
                    std::int64_t k, bool increase);

}  // namespace varia::kernels::VARIA_LOOPS
