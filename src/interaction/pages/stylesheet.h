// The one stylesheet of the product's pages, inline in each of them and allowed by its hash.
#pragma once
#include <string_view>

namespace segue::interaction::pages {

// Colours keep WCAG 2.1 AA in both schemes: 4.5:1 for text, 3:1 for the outlines of fields and of the focus.
inline constexpr std::string_view kStylesheet = R"css(
:root{
  color-scheme:light dark;
  --ground:#f3f4f8;--glow-a:#dfe4ff;--glow-b:#d8f1ee;
  --card:#ffffff;--edge:#e2e5ee;--shade:0 1px 2px rgba(22,27,45,.05),0 24px 48px -16px rgba(22,27,45,.18);
  --text:#151926;--muted:#555d70;
  --field:#ffffff;--outline:#747c90;
  --accent:#3a45d1;--accent-strong:#2b35b5;--on-accent:#ffffff;--ring:rgba(58,69,209,.28);
  --alert:#fdeeed;--alert-edge:#e5a8a3;--alert-text:#93180f;--alert-outline:#c0362c;
}
@media (prefers-color-scheme:dark){
  :root{
    --ground:#0c0e15;--glow-a:#1d2350;--glow-b:#0d3436;
    --card:#151923;--edge:#262c3a;--shade:0 1px 2px rgba(0,0,0,.4),0 24px 48px -16px rgba(0,0,0,.7);
    --text:#eef0f6;--muted:#a4acbd;
    --field:#0f121a;--outline:#6e788c;
    --accent:#9aa6ff;--accent-strong:#b3bcff;--on-accent:#10132c;--ring:rgba(154,166,255,.34);
    --alert:#381817;--alert-edge:#7a3531;--alert-text:#ffc2bb;--alert-outline:#ff8a7f;
  }
}
*,*::before,*::after{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;text-size-adjust:100%}
body{
  margin:0;min-height:100vh;min-height:100dvh;padding:1.5rem 1rem;
  display:flex;flex-direction:column;align-items:center;justify-content:center;gap:1.5rem;
  font:400 1rem/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue","Noto Sans",Arial,sans-serif;
  color:var(--text);
  background:radial-gradient(60rem 36rem at 12% -8%,var(--glow-a),transparent 70%),
    radial-gradient(52rem 34rem at 96% 108%,var(--glow-b),transparent 70%),var(--ground);
  background-attachment:fixed;
}
main{
  width:100%;max-width:26.5rem;padding:2.5rem;
  background:var(--card);border:1px solid var(--edge);border-radius:1.25rem;box-shadow:var(--shade);
}
.mark{display:block;width:2.75rem;height:2.75rem;margin-bottom:1.5rem}
h1{margin:0;font-size:1.75rem;line-height:1.2;font-weight:650;letter-spacing:-.02em;text-wrap:balance}
p{margin:0;overflow-wrap:anywhere}
.lead{margin-top:.5rem;color:var(--muted)}
.lead strong{color:var(--text);font-weight:600}
form{margin:1.75rem 0 0}
.field+.field{margin-top:1.125rem}
label{display:block;margin-bottom:.4rem;font-size:.9375rem;font-weight:550}
input{
  display:block;width:100%;height:3rem;padding:0 .875rem;
  font:inherit;color:inherit;background:var(--field);
  border:1px solid var(--outline);border-radius:.75rem;outline:2px solid transparent;outline-offset:-1px;
  transition:border-color .12s,box-shadow .12s;
}
input:hover{border-color:var(--muted)}
input:focus{border-color:var(--accent);outline-color:var(--accent);box-shadow:0 0 0 4px var(--ring)}
input[aria-invalid=true]:not(:focus){border-color:var(--alert-outline)}
input:-webkit-autofill{-webkit-text-fill-color:var(--text);box-shadow:0 0 0 3rem var(--field) inset}
.button{
  display:flex;align-items:center;justify-content:center;width:100%;min-height:3rem;margin-top:1.75rem;padding:.5rem 1.25rem;
  font:inherit;font-weight:600;text-decoration:none;cursor:pointer;
  color:var(--on-accent);background:var(--accent);border:1px solid transparent;border-radius:.75rem;
  outline:3px solid transparent;outline-offset:2px;transition:background-color .12s,transform .12s;
}
.button:hover{background:var(--accent-strong)}
.button:active{transform:translateY(1px)}
.button:focus-visible{outline-color:var(--accent)}
.quiet{margin-top:.75rem;color:var(--text);background:none;border-color:var(--outline)}
.quiet:hover{background:none;border-color:var(--text)}
.compare{margin-top:1.5rem;padding:1rem;text-align:center;border:1px dashed var(--outline);border-radius:.75rem}
.compare code{font-size:1.625rem;font-weight:600;letter-spacing:.12em}
h2{margin:1.5rem 0 .5rem;font-size:1rem;font-weight:600}
.asked{margin:0;padding:0;color:var(--muted);overflow-wrap:anywhere}
ul.asked{padding-left:1.25rem}
.asked li+li{margin-top:.25rem}
.alert{
  display:flex;gap:.75rem;margin-top:1.5rem;padding:.8125rem 1rem;
  font-size:.9375rem;font-weight:500;color:var(--alert-text);background:var(--alert);
  border:1px solid var(--alert-edge);border-radius:.75rem;
}
.alert svg{flex:none;width:1.25rem;height:1.25rem;margin-top:.09rem}
.aside{margin-top:1.5rem;font-size:.9375rem;color:var(--muted)}
.aside a{color:var(--accent);font-weight:600}
input[readonly]{color:var(--muted);background:none}
.request{margin-top:1.75rem;padding-top:1.25rem;border-top:1px solid var(--edge);font-size:.875rem;color:var(--muted)}
code{font:500 .8125rem/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,"Liberation Mono",monospace;overflow-wrap:anywhere}
footer{display:flex;align-items:center;gap:.5rem;max-width:26.5rem;font-size:.875rem;color:var(--muted);overflow-wrap:anywhere}
footer svg{flex:none;width:1rem;height:1rem}
.patient{animation:appear 0s 1.5s both}
@keyframes appear{from{visibility:hidden}to{visibility:visible}}
@media (max-width:30rem){
  body{justify-content:flex-start;padding:0 0 1.5rem}
  main{padding:2.5rem 1.5rem 1.5rem;background:none;border:0;border-radius:0;box-shadow:none}
  footer{padding:0 1.5rem;margin-top:auto}
}
@media (prefers-reduced-motion:reduce){*{transition:none!important}}
@media (forced-colors:active){main{border-color:CanvasText}.button{border-color:ButtonText}.mark,footer svg{forced-color-adjust:auto}}
)css";

}  // namespace segue::interaction::pages
