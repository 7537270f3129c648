import AppLayout from "@cloudscape-design/components/app-layout";
import BreadcrumbGroup from "@cloudscape-design/components/breadcrumb-group";
import { lazy, Suspense, useState } from "react";
import { Outlet } from "react-router";
import { BASE, useFollow } from "./links";
import { Notices } from "./Notices";
import { usePlace } from "./page";
import { remember, remembered } from "./remembered";
import { SideBar } from "./SideBar";
import { TopBar } from "./TopBar";

const CallsPanel = lazy(() => import("./CallsPanel"));

/** What is around every page. */
export function Shell() {
  const [navigation, setNavigation] = useState(() => remembered("navigation", window.innerWidth > 900));
  const [calls, setCalls] = useState(false);
  const [height, setHeight] = useState(360);
  return (
    <>
      <button type="button" className="skip" onClick={() => document.getElementById("content")?.focus()}>
        To the page
      </button>
      <div id="top">
        <TopBar callsShown={calls} onCalls={() => setCalls(!calls)} />
      </div>
      <AppLayout
        headerSelector="#top"
        toolsHide
        contentType="default"
        navigation={<SideBar />}
        navigationOpen={navigation}
        onNavigationChange={({ detail }) => {
          setNavigation(detail.open);
          remember("navigation", detail.open);
        }}
        notifications={<Notices />}
        stickyNotifications
        breadcrumbs={<Crumbs />}
        splitPanelOpen={calls}
        splitPanelSize={height}
        splitPanelPreferences={{ position: "bottom" }}
        onSplitPanelToggle={({ detail }) => setCalls(detail.open)}
        onSplitPanelResize={({ detail }) => setHeight(detail.size)}
        splitPanel={
          calls ? (
            <Suspense fallback={null}>
              <CallsPanel />
            </Suspense>
          ) : undefined
        }
        content={
          <div id="content" tabIndex={-1}>
            <Outlet />
          </div>
        }
      />
    </>
  );
}

function Crumbs() {
  const crumbs = usePlace((place) => place.crumbs);
  const follow = useFollow();
  const items = [{ text: "Sagehen", href: `${BASE}/` }].concat(
    crumbs.map(({ text, to }) => ({ text, href: to === undefined ? "" : BASE + to })),
  );
  return <BreadcrumbGroup items={items} onFollow={follow} ariaLabel="Where you are" />;
}
