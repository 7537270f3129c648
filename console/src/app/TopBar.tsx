import TopNavigation, { type TopNavigationProps } from "@cloudscape-design/components/top-navigation";
import { lazy, Suspense, useState } from "react";
import { useNavigate } from "react-router";
import { shortName, useSession, useSessions } from "../session/session";
import { useAppearance } from "./appearance";
import { BASE } from "./links";

const SwitchRole = lazy(() => import("../session/SwitchRole"));

interface Props {
  callsShown: boolean;
  onCalls: () => void;
}

const Sun = () => (
  <svg viewBox="0 0 16 16" focusable="false" aria-hidden="true">
    <circle cx="8" cy="8" r="3" />
    <path d="M8 1v2M8 13v2M1 8h2M13 8h2M3 3l1.5 1.5M11.5 11.5 13 13M13 3l-1.5 1.5M4.5 11.5 3 13" />
  </svg>
);

const Moon = () => (
  <svg viewBox="0 0 16 16" focusable="false" aria-hidden="true">
    <path d="M13.5 9.8A6 6 0 0 1 6.2 2.5a6 6 0 1 0 7.3 7.3z" />
  </svg>
);

/** Who one is, where, how it looks, and the page's calls as commands. */
export function TopBar({ callsShown, onCalls }: Props) {
  const { account, region, arn } = useSession();
  const { stack, switchBack, signOut } = useSessions();
  const { look, toggle } = useAppearance();
  const [switching, setSwitching] = useState(false);
  const navigate = useNavigate();
  const dark = look === "dark";

  const utilities: TopNavigationProps.Utility[] = [
    {
      type: "button",
      iconName: "script",
      text: "aws / boto3",
      ariaLabel: "aws / boto3: this page as commands",
      title: callsShown ? "Hide this page's calls" : "This page as aws CLI and boto3",
      onClick: onCalls,
      disableUtilityCollapse: true,
    },
    {
      type: "button",
      iconSvg: dark ? <Sun /> : <Moon />,
      ariaLabel: dark ? "Light" : "Dark",
      title: dark ? "Light" : "Dark",
      onClick: toggle,
      disableUtilityCollapse: true,
    },
    {
      type: "menu-dropdown",
      iconName: "user-profile",
      text: shortName(arn),
      description: `${account} · ${region}`,
      title: shortName(arn),
      items: [
        { id: "switch", text: "Switch role" },
        ...(stack.length > 1 ? [{ id: "back", text: `Back to ${shortName(stack.at(-2)?.arn ?? "")}` }] : []),
        { id: "out", text: "Sign out" },
      ],
      onItemClick: ({ detail }) => {
        if (detail.id === "switch") setSwitching(true);
        if (detail.id === "back") switchBack();
        if (detail.id === "out") signOut();
      },
    },
  ];
  return (
    <>
      <TopNavigation
        identity={{
          href: `${BASE}/`,
          title: "Sagehen",
          logo: { src: `${BASE}/favicon.svg`, alt: "A bird" },
          onFollow: (event) => {
            event.preventDefault();
            void navigate("/");
          },
        }}
        utilities={utilities}
      />
      {switching && (
        <Suspense fallback={null}>
          <SwitchRole onClose={() => setSwitching(false)} />
        </Suspense>
      )}
    </>
  );
}
