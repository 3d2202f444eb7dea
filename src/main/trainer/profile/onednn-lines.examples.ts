/** What oneDNN 3.2.1 within TensorFlow 2.15.1 printed in training steps of MobileNetV3-Small with ONEDNN_VERBOSE=1 and timestamps; a few of the lines. */
import type { ListenedSteps } from './primitives'

export const LINES = [
  'onednn_verbose,info,oneDNN v3.2.1 (commit N/A)',
  'onednn_verbose,info,cpu,runtime:threadpool,nthr:2',
  'onednn_verbose,info,cpu,isa:Intel AVX-512 with Intel DL Boost and bfloat16 support',
  'onednn_verbose,info,gpu,runtime:none',
  'onednn_verbose,info,prim_template:timestamp,operation,engine,primitive,implementation,prop_kind,memory_descriptors,attributes,auxiliary,problem_desc,exec_time',
  'onednn_verbose,1795291876419.123047,exec,cpu,convolution,jit_bf16:avx512_core_bf16,forward_training,src_bf16::blocked:acdb::f0 wei_bf16:ap:blocked:AcdB16a2b::f0 bia_undef::undef::: dst_bf16::blocked:acdb::f0,attr-scratchpad:user ,alg:convolution_direct,mb16_ic3oc16_ih96oh48kh3sh2dh0ph0_iw96ow48kw3sw2dw0pw0,0.328857',
  'onednn_verbose,1795292065037.615967,exec,cpu,reorder,jit:uni,undef,src_f32::blocked:cdba::f0 dst_f32::blocked:Acdb16a::f0,,,16x3x3x3,0.000976562',
  'onednn_verbose,1795292065038.435059,exec,cpu,batch_normalization,bnorm_tbb_jit:avx512_core,forward_training,data_f32::blocked:acdb::f0 diff_undef::undef:::,,flags:CH,mb4ic16ih32iw32,0.197998',
  'onednn_verbose,1795292065040.331055,exec,cpu,inner_product,x64:gemm:jit,forward_training,src_f32::blocked:ab::f0 wei_f32::blocked:ab::f0 bia_f32:a:blocked:a::f0 dst_f32::blocked:ab::f0,attr-scratchpad:user attr-post-ops:eltwise_relu ,,mb4ic16oc8,3.83105',
  'onednn_verbose,1795292065087.482910,exec,cpu,gemm_api,,undef,src_f32::blocked:ab:f0 wei_f32::blocked:ab:f0 dst_f32::blocked:ab:f0,,,4x2:2x1024,18.8562',
  'onednn_verbose,1795292065108.835938,exec,cpu,batch_normalization,bnorm_tbb_jit:avx512_core,backward,data_f32::blocked:acdb::f0 diff_f32::blocked:acdb::f0,,flags:CH,mb4ic576ih2iw2,0.840088',
  'onednn_verbose,1795292065111.570068,exec,cpu,convolution,brg_fwd:avx512_core+brgconv_1x1:avx512_core,backward_data,src_f32::blocked:acdb::f0 wei_f32:a:blocked:Bcda48b::f0 bia_undef::undef::: dst_f32::blocked:acdb::f0,,alg:convolution_direct,mb4_ic96oc576_ih2oh2kh1sh1dh0ph0_iw2ow2kw1sw1dw0pw0,0.0888672',
  '2026-11-21 20:14:25.112000: I tensorflow/core/platform/cpu_feature_guard.cc:182] This TensorFlow binary is optimized to use available CPU instructions',
]

/** The last three of them ran in the steps that were listened to. */
export const STEPS: ListenedSteps = { fromMs: 1795292065050, toMs: 1795292065200, steps: 2, allSteps: 4, stepMs: 40 }
